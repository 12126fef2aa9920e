from tests.factories import make_user, make_listing
async def test_y(site):
    a = make_user(site.database)
    b = make_user(site.database)
    lid = make_listing(site.database, a)
    t = await site.tab_of(b, f"/user/{a.user_id}")
    print(a, t["shell_state"], t["person_state"], t.redirects())
    await t.go(f"/listing/{lid}")
    print(t["shell_state"], t["listing_state"], t["state"]["listing_id"])
    await t.call("listing_state.want")
    print(t.redirects())
    await t.call("listing_state.take_down")
    print(t.updates[-2:])
    await t.call("listing_state.take_down", x=2)
    print(t.updates[-2:])
    await t.call("conversation_state.setvar", var_name="visible", value=True)
    print(t.updates[-2:])
    assert 0
