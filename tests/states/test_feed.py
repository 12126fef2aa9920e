from tests.factories import make_user, make_listing
async def test_x(site):
    a = make_user(site.database)
    make_listing(site.database, a)
    t = await site.tab_of(a)
    print(t.vars)
async def test_y(site):
    a = make_user(site.database)
    make_listing(site.database, a)
    t = await site.tab_of(a)
    print(t.vars)
    assert 0
