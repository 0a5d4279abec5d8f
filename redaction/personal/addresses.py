"""Addresses to the door: 「浙江省杭州市西湖区文三路90号3栋501」."""

from __future__ import annotations

import re

import rjieba

from redaction.finding import Finding
from redaction.personal.places import PLACES

_N = "0-9０-９零〇一二两三四五六七八九十百幺"
_NUMBER = (
    rf"(?:[{_N}]{{1,6}}[A-Za-z]?|[A-Za-z][{_N}]{{0,4}}|[甲乙丙丁东南西北])(?:\s?[-－—–杠之]\s?[{_N}]{{1,5}}){{0,3}}"
)
_NOT_AFTER_HAO = (
    r"(?!线|口|出口|入口|窗口|窗|车厢|车|台|早|晚|到|之?前|之?后|左右|下单|发货|签收|店|桌|登机口|"
    r"站台|公路|[上下中]午|凌晨|[零一二三四五六七八九十\d]+点|的?时候)"
)
_DETAIL = (
    rf"(?:第|附|靠|的)?{_NUMBER}\s?(?:号楼|号院|号房|号铺|号[甲乙丙丁](?!方)|号{_NOT_AFTER_HAO}|弄|栋|"
    rf"幢|座(?!机)|塔楼?|单元|室|层|楼(?!层)|户|社(?!区)|组|队|大队|门(?!口|店|牌)|房(?!间|租)|支弄|支路|巷|"
    rf"#)"
)
_BETWEEN = r"(?:[，,、\s的]|那个|嗯|呃|就是|然后){0,2}"
_BARE = (
    r"(?:[0-9]{1,4}(?:\s?[-－—–]\s?[0-9]{1,4}){1,3}(?![0-9])|(?:(?<![号])[A-Za-z]?(?:[0-9０-９]|"
    r"[零〇一二三四五六七八九幺]){2,5}|"
    r"[A-Za-z]?[0-9０-９零〇一二三四五六七八九幺]{2,5})(?![0-9０-９零〇一二三四五六七八九幺块元年月日天个点分秒号]|"
    r"\s?[-－—]\d))"
)
_CHAIN = re.compile(rf"{_DETAIL}(?:{_BETWEEN}{_DETAIL})*(?:\s?[-－—–]?\s?{_BARE})?")
_DOOR = re.compile(
    r"(?:[A-Za-z]|[0-9０-９]{1,3})(?:\s?[-－—–杠]\s?[0-9０-９]{1,4}){1,3}(?![0-9])|"
    r"[A-Za-z]?[0-9０-９]{3,4}(?![0-9年月日块元个点号多\-])(?:室|房)?"
)
_ESTATE = (
    r"(?:小区|花园|公寓|大厦|家园|新村|新城|花苑|佳苑|嘉苑|雅苑|景苑|苑|名苑|名城|城|府|庭|豪庭|园|"
    r"嘉园|佳园|名园|公园|山庄|庄园|别墅|中心|广场|湾|邸|官邸|轩|阁|居|雅居|里|坊|宿舍|大院|家属院|"
    r"校区|工业区|工业园区?|科技园区?|产业园区?|软件园|创业园|创意园|园区|开发区|保税区|国际|名都|都|"
    r"大楼|写字楼|商厦|大学|学院|中学|小学|医院|[一二三四五六七八九十东南西北AB]区|[一二三四五]期|村|"
    r"屯|寨|庄|社区|村委会|交叉口)"
)
_ROAD = r"(?:路|街|大道|大街|道|巷|胡同|弄堂|里弄|[一二三四五六七八九十东南西北]条|环路|公路|支路|街道|镇|乡|段)"
_HEAD_END = re.compile(rf"(?:{_ESTATE}|{_ROAD})[，,、\s的]{{0,2}}$")
_STRONG_ESTATE_END = re.compile(
    r"(?:小区|花园|公寓|大厦|家园|新村|新城|[^一二三四五六七八九十东南西北]苑|嘉园|佳园|豪庭|山庄|"
    r"宿舍|大楼|写字楼|名都)[，,\s]?$"
)
_ADMIN = re.compile(r"(?:省|市|区|县|旗|镇|乡|街道|村|社区|州|盟|新区|路|街|大道|巷|段|里|组|号)$")
_SUFFIX_ALONE = re.compile(
    r"[省市区县旗镇乡村州盟路街巷段道]|街道|社区|新区|大道|大街|开发区|自治[州县]|"
    r"[东南西北中][路段街区]|[一二三四五六七八九十]区|小区|花园"
)
_LETTERED_DOOR = re.compile(r"[A-Z]-?[0-9]{3,4}(?![0-9])")
_NOT_IN_A_NAME = re.compile(r"[我你您他她住在到送寄是请给]")
_FILLERS = frozenset({"嗯", "呃", "额", "那个", "就是", "然后", "啊"})
_LONGEST_BETWEEN = 16
_STOPS_NAME = re.compile(r"[的在是到我你您他她收寄送请把吗呢吧啊了和跟叫姓]|电话|手机|号码|联系|快递|谢谢")
_STOP_TAGS = frozenset({"p", "r", "c", "u", "uj", "ul", "ud", "uz", "y", "e", "zg_"})
_STOPS = """
在 到 是 住 住在 家 家住 家在 地址 寄 寄到 送 送到 发 发到 发往 寄往 位于 收
收货 收件 改成 改为 换成 填 写 送货 派送 快递 包裹 上门 安装 来 去 往 从 就 说
搬 搬到 搬家 报 记 麻烦 请 帮 把 新 旧 老 现在 现 目前 今天 明天 昨天 下午 上午
早上 晚上 已经 还是 应该 可能 大概 办公 工作 租 租的 买 房子 店 在哪 户籍 户口
籍贯 身份证 上面 写着 填写 登记 邮寄 退货 退回 货 件 地址是 啊 嗯 呃 哦 叫 您 我
你 他 她 我家 我们 咱 他们 位置 定位 详细地址 具体地址 收货地址 您家 通知 单位 公司
师傅 司机 门牌 门牌号 楼 对 好 好的 行 那 那个 这 这个 就是 然后 哈 呢 吧 吗 的
了 变更 更改 修改 要 想 给 用 先生 女士 小姐 不是 而是 不 也 还 再 都 有 一个
之前 以前 原来 最近 刚
"""
_STOP_WORDS = frozenset(_STOPS.split())
_PREMISES = re.compile(
    r"(?:营业厅|网点|门店|支行|分行|专卖店|维修[点站]|售后[点站]|自提点|体验店|旗舰店|服务中心|服务站|"
    r"本店|我们店|总部|展厅|驿站|分店|邮局|法院|派出所|我司|分公司|公安局|政务大厅|办事处|取件点|"
    r"代收点|客服中心|酒店|饭店|门市)"
    r"(?:的?地址)?(?:呢)?[，,]?(?:就?在|位于|是|为|：|:)?[^，。,]{0,6}$"
)
_HOME = re.compile(r"(?:住|家|地址|门牌号?|送到|寄到|放到?)(?:就?是|在|：|:|，|,)?(?:我们?)?(?:小区|楼下)?[，,]?$")
_LONGEST_HEAD = 44


class Addresses:
    """Address that leads to a door.

    Legal basis: 个人信息保护法 art. 28 (whereabouts); GB/T 35273-2020, annex A. Format: GB/T 23705, from province,
    city, district and
    street down to a number and what lies in it; parts may be missing, commas and fillers between. A city, a road or
    an estate
    without a number is not hidden, nor is where a shop or an office stands. No check. Algorithm: a number with a
    unit right after a
    road, an estate or a village; from there to the left word by word (`rjieba`) while the words name places; to the
    right while
    numbers with units follow. Example: of 「我住文三路90号3栋501」 「文三路90号3栋501」 is hidden.
    """

    def find(self, text: str) -> list[Finding]:
        """Addresses in order of start."""
        found: list[Finding] = []
        at = 0
        for match in _CHAIN.finditer(text):
            if match.start() < at:
                continue
            head = _HEAD_END.search(text, max(at, match.start() - 6), match.start())
            if head is None:
                if _alone(text, match):
                    found.append(Finding(match.start(), match.end(), "pii.address"))
                    at = match.end()
                continue
            start = _head_start(text, at, head.end(), head.start())
            if start is None or _PREMISES.search(text, max(0, start - 20), start):
                continue
            end = _more(text, match.end())
            found.append(Finding(start, end, "pii.address"))
            at = end
        return _with_doors(text, found)

    def held_back(self, text: str) -> int:
        """A road or an estate at the end, or one with a number: 「文三路9」 may become an address."""
        tail = text[-_LONGEST_HEAD:]
        number = re.search(rf"[，,、\s的]{{0,2}}(?:第)?{_NUMBER}$|$", tail)
        assert number is not None  # the second branch always matches
        head = _HEAD_END.search(tail, max(0, number.start() - 6), number.start())
        if head is None:
            return 0
        start = _head_start(tail, 0, head.end(), head.start())
        if start is None or head.end() - start < 3:
            return 0
        return len(tail) - start


def _alone(text: str, match: re.Match[str]) -> bool:
    """Whether numbers with units alone are somebody's door: two of them or more after 住 and its like."""
    details = re.findall(_DETAIL, match[0])
    return len(details) >= 2 and _HOME.search(text, max(0, match.start() - 10), match.start()) is not None


def _more(text: str, end: int) -> int:
    """End of the address where an estate with further numbers follows: 「90号东部软件园3号楼501」."""
    for _ in range(3):
        chain = _CHAIN.search(text, end, end + _LONGEST_BETWEEN + 24)
        door = _LETTERED_DOOR.search(text, end, end + _LONGEST_BETWEEN + 6)
        if door is not None and (chain is None or door.start() < chain.start()):
            chain = door
        if chain is None or chain.start() - end > _LONGEST_BETWEEN:
            return end
        between = text[end : chain.start()]
        if _STOPS_NAME.search(between) or re.search(r"[。？！；]", between) or not _HEAD_END.search(between):
            return end
        end = chain.end()
    return end


def _with_doors(text: str, found: list[Finding]) -> list[Finding]:
    """Adds estates with a bare number of a door: 「阳光花园12-3-402」."""
    added = list(found)
    for match in _DOOR.finditer(text):
        if any(one.start < match.end() and match.start() < one.end for one in found):
            continue
        head = _STRONG_ESTATE_END.search(text, max(0, match.start() - 6), match.start())
        if head is None:
            continue
        start = _head_start(text, 0, head.end(), head.start())
        if start is None or _PREMISES.search(text, max(0, start - 20), start):
            continue
        if added and any(one.start < match.end() and start < one.end for one in added):
            continue
        added.append(Finding(start, match.end(), "pii.address"))
    return sorted(added, key=lambda one: one.start)


def _head_start(  # noqa: C901, PLR0912 - one walk from right to left, a branch for each kind of word
    text: str, floor: int, end: int, suffix: int
) -> int | None:
    """Where the place begins whose last word ends at `end` with the suffix that begins at `suffix`.

    The word with the suffix and, where it is short, those that name it; then on while words name districts and cities.
    """
    floor = max(floor, end - _LONGEST_HEAD)
    segment = text[floor:end]
    words: list[tuple[int, str, str]] = []
    at = floor
    for word, tag in rjieba.tag(segment):
        words.append((at, word, tag))
        at += len(word)
    i = len(words) - 1
    while i >= 0 and (words[i][1].strip("，,、 \t的") == "" or words[i][0] > suffix):
        i -= 1
    estate = re.match(_ESTATE, text[suffix:end]) is not None
    start: int | None = None
    named = False  # whether the innermost place has its name
    while i >= 0:
        at, word, tag = words[i]
        if word.strip("，,、 \t") == "":
            before = words[i - 1][1] if i else ""
            if before in _FILLERS and i > 1:
                before = words[i - 2][1] if words[i - 2][1].strip("，,、 ") or i < 3 else words[i - 3][1]
            if not (_ADMIN.search(before) or before in PLACES):
                break
        elif word in _FILLERS and named:
            i -= 1
            continue
        elif not named:
            if _stops(word, tag) and start is not None:
                break
            if re.fullmatch(rf"[{_N}]+", word) and start is not None and suffix - at < 2:
                return None  # 「88路」 is a bus
            start = at
            if _SUFFIX_ALONE.fullmatch(word) and at < suffix:
                suffix = at
            named = suffix - at >= 2 or (
                suffix - at >= 1 and i > 0 and (_stops(*words[i - 1][1:]) or words[i - 1][1].strip("，,、。 ") == "")
            )
        elif _names_district(word, tag) and not (_stops(word, tag)):
            start = at
            if _SUFFIX_ALONE.fullmatch(word):
                named = False
                suffix = at
        elif tag in ("ns", "nz") and len(word) >= 2:
            start = at
        elif estate and _ends_name(words, i):
            start = at
            break
        elif not _leads_to_district(words, i):
            break
        i -= 1
    if start is None or suffix - start < 1:
        return None
    return start


def _ends_name(words: list[tuple[int, str, str]], i: int) -> bool:
    """Whether a word is the first half of an estate's name: nothing of the place stands before it (锦绣 江南 小区)."""
    _, word, tag = words[i]
    if (
        _stops(word, tag)
        or len(word) > 3
        or _NOT_IN_A_NAME.search(word)
        or not tag.startswith(("n", "a", "b", "t", "z", "v", "j"))
    ):
        return False
    if i == 0:
        return True
    before, tag_before = words[i - 1][1:]
    return _stops(before, tag_before) or not before.strip("，,、。 ")


def _leads_to_district(words: list[tuple[int, str, str]], i: int) -> bool:
    """Whether a word that names nothing known belongs to a place all the same: a district stands before it."""
    for _, word, tag in reversed(words[max(0, i - 2) : i + 1]):
        if _stops(word, tag) or not word.strip("，,、。 "):
            return False
        if _names_district(word, tag):
            return True
    return False


def _stops(word: str, tag: str) -> bool:
    return word in _STOP_WORDS or tag in _STOP_TAGS


def _names_district(word: str, tag: str) -> bool:
    return word in PLACES or ((tag == "ns" or _ADMIN.search(word) is not None) and len(word) <= 8)
