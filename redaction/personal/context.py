"""Words that say what a number is for: before it (「手机号是 …」), after it (「… 是我手机号」), or that it is nobody's.

A mention is found once per text; a number is given the nearest one. Source of the words: what agents ask for and
customers answer in service calls; written by hand.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal, cast

Named = Literal[
    "mobile", "landline", "phone", "id_card", "bank_card", "order_no", "code", "plate", "email", "person", "none"
]

_WORDS: dict[Named, str] = {
    "none": r"工号|员工编?号|邮编|邮政编码|邮区|条形?码|二维码|商品编[号码]|产品编[号码]|设备编[号码]|网点编?号|"
    r"门店编?号|活动编?号|代码|货号|款号|批次?号|批号|"
    r"型号|机型|版本号?|房间号?|房号|会议室|柜台|窗口|座位号?|航班号?|车次|股票|基金|(?:客服|"
    r"服务|投诉|咨询|官方|报修|订票|抢修|报警|售后)(?:热线|电话|号码|专线)|"
    r"热线(?:电话|号码)?|总机|专线|短号|价格|售价|原价|现价|金额|余额|总价|总共|一共|合计|共计|应付|"
    r"实付|欠费|花了|扣了|充了|付了|收了|赔偿|退款(?!编号|单号|流水)|"
    r"积分|流量|国标|标准|执行标准|GB/?T?|ISO|ISBN|IP(?:地址)?|端口|错误码|错误代码|报错|故障码|粉丝|"
    r"销量|库存|评分|电表|水表|"
    r"读数|表号|气表|编码|限额|额度|票价|楼层|公交|地铁|尾号|后四位|末四位|后[4四]位|末[4四]位|倒数|截至|年份",
    "mobile": r"手机(?!上?收到)号?码?|移动电话|本机号?码?|机主号码|微信同号|手机微信同号|电话卡|副卡|主卡|携号|"
    r"充值号码|预留号码|注册号码|绑定的?号码|来电号码|短信(?:发到|发给)|回拨|加微信",
    "landline": r"座机号?码?|固话|固定电话|办公电话|办公室电话|家里的?电话|单位的?电话|公司的?电话|家庭电话|宅电|"
    r"区号|市话",
    "phone": r"电话号?码?|联系方式|联系号码|打(?:这个|我|他|她|给我)|拨打?(?:这个)?|回电|打到|致电|传真号?码?|"
    r"(?<![A-Za-z])(?:[Tt]el|TEL|[Pp]hone|PHONE|[Mm]obile)(?![A-Za-z])",
    "id_card": r"身份证件?(?:的?完整)?的?号?码?|证件号码?|身份号码|公民身份|身份信息|二代证|户口本号",
    "bank_card": r"(?:银行|储蓄|信用|借记|工资|社保|贷记|收款|还款|扣款|绑定的?)卡(?:的)?(?:卡?号码?)?|卡号|"
    r"银行账[户号]|收款账[户号]|[账帐]号|账户|"
    r"(?:工行|农行|中行|建行|交行|招行|招商|工商|农业|建设|邮储|平安|浦发|民生|光大|中信|兴业|广发|"
    r"华夏)(?:银行)?(?:的?(?:储蓄|信用)?卡)?(?:卡?号)?|卡[面背]?上?的?号码?",
    "order_no": r"(?:订单|运单|快递|工单|物流|退货|退款|售后|包裹|配送|交易|支付|发货|换货|维修|服务|保|投诉|受理|"
    r"报修)单?(?:编号|单号|号码?)|订单|单号|运单|工单|(?:保险)?合同号|物流号|流水号|保单|"
    r"受理号|(?:京东|淘宝|天猫|拼多多|抖音|美团)的?(?:长号|单)|案件号|(?:申请|理赔|预约|登记|案件|申报)?编号|单子上?的?号码?|业务号|单据上?[印写的]{0,3}号码?|[那这哪]一?单|查个?[快件]件?|"
    r"(?:顺丰|圆通|中通|申通|韵达|极兔|德邦|百世)(?:快递|速运|速递|物流)?",
    "code": r"(?:短信|手机)?(?:验证码|取件码|取货码|提货码|兑换码|核销码|认证码|授权码|"
    r"校验码|动态码|短信码|短信[上里]的(?:[四六46]位)?(?:数字?|码)|动态口令|口令|确认码|激活码)|(?:支付|登录|登陆|"
    r"取款|查询|服务|初始|交易|锁屏|原|旧|新)?密码|安全码|CVV2?|[Pp][Ii][Nn]码?|随机码|(?<![号编代尺条维件扫内邮])码是|"
    r"(?<![A-Za-z])[Cc]ode(?:\s?is)?(?![A-Za-z])",
    "plate": r"车牌号?码?|牌照号?码?|车号|牌号|车牌照",
    "email": r"邮箱(?:地址)?|电子邮件|邮件地址|[Ee]-?[Mm]ail|伊妹儿|邮件",
    "person": r"号码|会员号?|会员卡号?|客户号|客户编号|用户号|户号|[Qq]{2}号?|微信号?|护照号?码?|社保号|"
    r"驾驶证号?|驾照|学号|军官证号?|港澳通行证号?|通行证号?|税号|"
    r"档案编号|档案号|保险号|医保号|门诊号|病历号|住院号|就诊卡号?",
}
_MENTION = re.compile("|".join(f"(?P<{name}>(?:{words})(?:的?号码?)?)" for name, words in _WORDS.items()))
_NAMED_BACK = re.compile(
    r"[,，、 ]{0,2}(?:嗯|啊)?(?:这个|那个|这是|这就是|就是|是|这|这一个)*(?:我|你|您|他|她|我们|"
    r"咱)?(?:老公|老婆|爱人|妈妈?|爸爸?|儿子|女儿|家|自己|本人|朋友)?(?:的|那个|这个|家的?)*(?:登录|支付|注册|短信|手机)?$"
)
_DELIMITERS = "。？！；?!;"
_NUMBER_FOLLOWS = re.compile(
    r"(?:呢|的话)?[,，:：]?(?:是|就是|为|呢|我的是)[,，:：]?(?:[0-9０-９零一二三四五六七八九幺A-Za-z]|"
    r"我)|[:：]|[,，]?[0-9零一二三四五六七八九幺]{3}"
)

NEAR_CHARS = 14
"""Up to how far a word introduces a number that its form alone doesn't tell; farther away it only settles a doubt."""
FAR_CHARS = 30
_TOUCHING_CHARS = 6


@dataclass(frozen=True, slots=True)
class Introduced:
    """What the words around a number say it is. `near`: close enough to introduce it; `link`: the text in between."""

    named: Named | None = None
    near: bool = False
    link: str = ""


class Context:
    """The mentions of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        # Every group of the expression is named by a key of `_WORDS`.
        self._found = [(one.start(), one.end(), cast(Named, one.lastgroup)) for one in _MENTION.finditer(text)]
        self._ends = [end for _, end, _ in self._found]

    def mentions(self) -> list[tuple[int, int, Named]]:
        """All of them, in order: start, end, what is named."""
        return self._found

    def of(self, start: int, end: int) -> Introduced:
        """What introduces the number at [start, end)."""
        at = bisect_right(self._ends, start) - 1
        before: Introduced | None = None
        if at >= 0:
            _, word_end, named = self._found[at]
            link = self.text[word_end:start]
            if len(link) <= FAR_CHARS:
                sentence = any(char in _DELIMITERS for char in link)
                if named == "none":
                    # 「工号是」 is about the number that it touches, no other.
                    near = len(link) <= _TOUCHING_CHARS and not sentence
                    if near:
                        return Introduced("none", near=True, link=link)
                    if at >= 1 and len(self.text[self._ends[at - 1] : start]) <= FAR_CHARS:
                        named = self._found[at - 1][2]
                        link = self.text[self._ends[at - 1] : start]
                        if named != "none":
                            before = Introduced(named, near=False, link=link)
                else:
                    near = len(link) <= NEAR_CHARS and not any(char in "。！!；;" for char in link)
                    before = Introduced(named, near=near, link=link)
        if before and before.near:
            return before
        return self._after(end) or before or Introduced()

    def _after(self, end: int) -> Introduced | None:
        at = bisect_right(self._ends, end)
        if at >= len(self._found):
            return None
        word_start, word_end, named = self._found[at]
        if word_start < end or word_start - end > 12 or named == "none":
            return None
        if not _NAMED_BACK.match(self.text[end:word_start]) or _NUMBER_FOLLOWS.match(self.text, word_end):
            return None
        return Introduced(named, near=True)
