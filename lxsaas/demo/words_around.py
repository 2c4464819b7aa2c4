"""Words about what surrounds invented children, for the demonstration's networks and awards."""

CONTACTS = (
    ("relatives", None, "青山村三组", "奶奶生病时照看孩子"),
    ("village", None, "青山村村委会儿童主任", "每月上门看望，了解家里情况"),
    ("village", None, "平坝乡民政办儿童督导员", "临时救助、困境儿童申报"),
    ("school", None, "德育处", "在校安全、同学之间的矛盾"),
    ("society", None, "县关心下一代工作委员会", "“五老”结对、假期辅导"),
    ("society", "青禾志愿服务队", "县团委", "周末陪伴、捐赠衣物书籍"),
    ("law", None, "平坝派出所", "紧急情况先打110；校园周边安全"),
    ("law", None, "县司法局法律援助中心", "监护权、抚养费的法律援助"),
)
"""Network, who (None: an invented name), where from, for what."""
REFERRALS = (
    (
        "village", "care", "爷爷腿伤住院，家里只有孩子，请村里安排人照看并送一日三餐。",
        "村儿童主任联系了堂叔，孩子已住到堂叔家，爷爷出院前由堂叔照看。",
    ),
    (
        "society", "study", "四年级，数学基础差，家里没有人能辅导，请志愿者每周末辅导一次。",
        "志愿者每周六上午到校辅导，期中成绩提高了十二分。",
    ),
    ("law", "law", "父母离异后父亲一直没有给抚养费，母亲想申请法律援助。", None),
    ("village", "money", "家里房屋漏雨，请帮助申请临时救助。", None),
)  # fmt: skip
"""Network, need, words, the outcome in words; None while it is open."""
SELF_RELIANT = (
    "父母在外打工，和奶奶、弟弟一起生活。每天早起做饭，照顾弟弟上学，奶奶住院时坚持不缺课；"
    "本学年成绩由班级第十八名上升到第六名，任班级图书管理员。"
)
PARENT = "在外务工仍坚持每周三、周六和孩子视频，学期内两次请假回来参加家长学校，主动和班主任商量孩子的学习。"
TEACHER = (
    "本学年走访全班留守儿童家庭，为五名学生联系了法律援助和志愿辅导；班里两名有辍学念头的学生都稳定在校。"
)
DECISION = "领导小组会议讨论，一致同意。"
HARM = (
    "今早晨检时发现孩子左小臂和后背有多处新旧淤青。孩子说是住在家里的亲戚喝酒后打的，不是第一次。"
    "校医已查看并拍照，孩子现在由心理老师陪着。"
)
TOLD = (
    ("平坝派出所值班室，王警官", "已电话报案并说明孩子目前安全，民警一小时内到校。"),
    ("平坝乡民政办儿童督导员", "已告知情况，请求评估监护情况和临时安置。"),
    ("县教育局基础教育股", "已电话报告。"),
)
"""Police, civil affairs, education: who was told, what was said."""
REFERENCE = "平公（示例）受字〔2026〕第128号"
