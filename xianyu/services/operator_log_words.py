"""What the log of operators' acts calls each of them. Whoever records a new kind of act gives it its words here."""

# By the action that ``operator_log.record`` is given: its area, a dot, what is done.
SENTENCES: dict[str, str] = {
    "operator.create": "新建了管理员账号",
    "operator.promote": "设为管理员",
    # People.
    "user.ban": "停用了账号",
    "user.unban": "解除了账号的停用",
    "user.appoint": "设为管理员",
    "user.dismiss": "取消了管理员身份",
    # Reports.
    "report.uphold": "判定举报成立",
    "report.dismiss": "驳回了举报",
    "report.read_context": "查看了举报前后的消息",
    # Announcements.
    "announcement.publish": "发布了公告",
    "announcement.schedule": "定时发布公告",
    "announcement.edit": "修改了公告",
    "announcement.pin": "置顶了公告",
    "announcement.unpin": "取消了公告的置顶",
    "announcement.delete": "删除了公告",
    # Sections and categories.
    "section.rename": "给板块改了名",
    "section.hide": "隐藏了板块",
    "section.show": "显示了板块",
    "section.move": "移动了板块",
    "category.rename": "给分类改了名",
    "category.hide": "隐藏了分类",
    "category.show": "显示了分类",
    "category.move": "移动了分类",
    "category.add": "添加了分类",
    "category.remove": "删除了分类",
    # The public room.
    "room.retract": "删除了公共聊天室的消息",
    "room.mute": "在公共聊天室禁言",
    "room.unmute": "解除了公共聊天室的禁言",
    # Listings.
    "listing.take_down": "下架了宝贝",
    "listing.restore": "恢复了宝贝",
    "listing.erase": "彻底删除了宝贝",
    # What was held back, and the words.
    "held.approve": "通过了审核",
    "held.reject": "驳回了审核",
    "word.add": "添加了敏感词",
    "word.change": "修改了敏感词的处理方式",
    "word.remove": "删除了敏感词",
}


def sentence(action: str) -> str:
    """What was done, in words. An action without words is told by its name, so that nothing is hidden."""
    return SENTENCES.get(action) or f"其他操作（{action}）"
