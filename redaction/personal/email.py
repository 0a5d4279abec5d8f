"""E-mail addresses, written and spoken: 「zhang@163.com」, 「三八二幺零艾特qq点com」."""

from __future__ import annotations

import re

from redaction.finding import Finding

_DIGIT = "0-9０-９零〇一二三四五六七八九幺洞拐两"
_AT = re.compile(
    r"[\s,，]{0,3}(?:(?:然后|后面|接着|再)(?:是|一个|加)?[\s,，]{0,2})?(?:[@＠]|(?:艾特|爱特|艾的|埃特|艾塔|圈儿?\s?[aAａ诶]|(?<![A-Za-z])[aA]\s?圈儿?|小老鼠|花[aA])(?:符号?)?|"
    r"(?<![A-Za-z])[aA]\s?[tT](?:符号)?(?![A-Za-z]))[\s,，]{0,3}"
)
_NO_NAME = "点杠双个大小写划线数字母英文减横全拼音不对说错应该首是我的箱址件到发，。：、"
"""Characters that are in no name of which somebody says that it is spelt in full (「王芳全拼」)."""
_LOCAL_PART = (
    rf"(?:[A-Za-z{_DIGIT}]|下划线|下横线|中划线|中横线|短横线?|横线|减号|横杠|杠|数字|字母|英文|"
    rf"[^\s\x00-\x7f{_DIGIT}{_NO_NAME}]{{2,3}}的?(?:全拼|拼音|首字母)|全拼|"
    r"[，, ]?(?:不对|说错了)[，, ]?(?:应该)?是?|"
    rf"[._\-+]|点|双[{_DIGIT}]|"
    rf"[两三四五六]个[A-Za-z{_DIGIT}]|大写的?|小写的?|[ ，,、](?=[A-Za-z{_DIGIT}下杠点横减]))"
)
_LOCAL = re.compile(rf"(?:{_LOCAL_PART})+$")
_NAME = (
    rf"(?:[A-Za-z0-9\-]+|[{_DIGIT}]{{2,4}}|[{_DIGIT}A-Za-z](?:[ ,，]?[{_DIGIT}A-Za-z])+|扣扣|球球|新浪|"
    rf"搜狐|网易|雅虎|谷歌|阿里云|企业微信|福克斯)"
)
_DOT = r"\s*[,，]?\s*(?:[.．。·]|点儿?|dot)\s*"
_TOP = (
    r"(?:com|net|cn|org|edu|gov|cc|vip|io|me|co|hk|tw|康姆|康母|康木|康目|抗姆|抗木|坑姆|坑木|空姆|扣母|卡母|top|xyz|club|tech|ltd|扣姆|卡姆|看姆|com儿|"
    r"c\s?o\s?m|C\s?O\s?M|COM|CN|NET|中国|康|恩|西恩|c\s?n)"
)
_DOMAIN = re.compile(
    rf"{_NAME}(?:{_DOT}{_NAME}){{0,3}}?{_DOT}{_TOP}(?:{_DOT}(?:cn|CN|西恩|hk|tw|c\s?n))?(?![A-Za-z])", re.IGNORECASE
)
_KNOWN = re.compile(
    r"(?:qq|163|126|139|189|foxmail|gmail|hotmail|outlook|sina|sohu|幺六三|一六三|一二六|幺二六|"
    r"幺三九|一三九|扣扣|网易|新浪|搜狐)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_LONGEST_LOCAL = 64
_TAKEN_BACK = re.compile(r"[，,、 。]{0,2}(?:不对|不是(?=[，, 是])|错了|说错了|哦不)[，,、 ]{0,2}(?:应该)?是?")
_OTHER_WORDS = re.compile(r"(?:(?:e-?mail|mail|is|my|to)[ ,，]+|qq[ ,，]+(?=[\dA-Za-z]))+", re.IGNORECASE)
"""What stands before an address in letters without being of it."""
_OTHER_NUMBER = re.compile(rf"(?:[{_DIGIT}][ -]?){{7,}}[，,、]+[ ]?(?=[A-Za-z]{{2}})")
"""A phone number told before the address."""
_NAMED = re.compile(
    r"(?:邮箱|邮件|[Ee]-?[Mm]ail|伊妹儿)(?:地址|账号)?(?:是|为|：|:|，|,|发到|填|写|叫)*\s*[^。？]{0,8}$"
)
_LEADING_MARKS = re.compile(
    r"(?:[ ，,、._\-+]|不对|说错了|是|[大小]写的|(?:全拼|拼音|字母|数字|英文)(?=[ ，,、])|点|杠|大写(?![A-Za-z]))+"
)


class Emails:
    """E-mail address.

    Legal basis: GB/T 35273-2020, annex A. Format: RFC 5321 in its everyday part, ASCII local part and domain name;
    spoken with
    艾特, at or 圈a for @, 点 or dot for the dot, 下划线, 杠, digits as read out, 幺六三点康姆. No check. Examples:
    zhang_3@163.com;
    「zhang 下划线三 艾特 幺六三点 com」.
    """

    def find(self, text: str) -> list[Finding]:
        """Addresses in order of start."""
        found: list[Finding] = []
        done = 0
        for at in _AT.finditer(text):
            if at.start() < done:
                continue
            local = _LOCAL.search(text, max(done, at.start() - _LONGEST_LOCAL), at.start())
            if local is None:
                continue
            start = _local_start(text, local.start(), at.start())
            domain = _DOMAIN.match(text, at.end()) or _KNOWN.match(text, at.end())
            if start >= at.start() or domain is None:
                continue
            done = _amended(text, domain.end())
            found.append(Finding(start, done, "pii.email", "", "none"))
        return found

    def held_back(self, text: str) -> int:
        """A local part that has been called an e-mail address, or one that an @ follows."""
        last = None
        for at in _AT.finditer(text):
            last = at
        if last is not None and len(text) - last.end() <= 24 and not _DOMAIN.fullmatch(text, last.end()):
            local = _LOCAL.search(text, max(0, last.start() - _LONGEST_LOCAL), last.start())
            if local is not None and re.fullmatch(rf"[A-Za-z{_DIGIT}\s.\-。点康姆扣]*", text[last.end() :]):
                return len(text) - _local_start(text, local.start(), last.start())
        local = _LOCAL.search(text, max(0, len(text) - _LONGEST_LOCAL))
        if (
            local is not None
            and local.end() == len(text)
            and _NAMED.search(text, max(0, local.start() - 24), local.start())
        ):
            return len(text) - _local_start(text, local.start(), len(text))
        return 0


def _local_start(text: str, start: int, end: int) -> int:
    """Start of the local part without separators and words that are none of it."""
    for word in (_LEADING_MARKS, _OTHER_NUMBER, _OTHER_WORDS, _LEADING_MARKS):
        head = word.match(text, start, end)
        start = head.end() if head else start
    return start


def _amended(text: str, end: int) -> int:
    """End of the address with a domain that takes the place of the first: 「艾特幺六三，不对，艾特幺二六点com」."""
    taken_back = _TAKEN_BACK.match(text, end)
    if taken_back is None:
        return end
    at = _AT.match(text, taken_back.end())
    begin = at.end() if at else taken_back.end()
    domain = _DOMAIN.match(text, begin) or _KNOWN.match(text, begin)
    return domain.end() if domain else end
