"""The words that speakers use about a number that is being told: they ask for it, deny it, agree, begin anew.

Source of the words: what agents and callers say in service calls, some of it in the speech of their region; written by
hand.
"""

from __future__ import annotations

import re

ASKING = re.compile(
    r"多少|报|提供|告诉|念|什么|给我|给您|给你|记一下|记好|留|输|核对|核实|确认|麻烦|请|说一下|说下|"
    r"发我|方便|收到|从头|没听|[是号码呢：:]$|有吗|查一?下|读|登记|后面|剩下|接着|位的|[您你]看"
)
CODE_SENT = re.compile(
    r"(?:已发|发[了过]|收到|短信.{0,3}).{0,4}[四六46]位|^[四六46]位(?:数字?|码).{0,3}[报念说读]|"
    r"短信.{0,8}[报念读]|(?:短信|手机).{0,4}收到的?(?:[四六46]位)?数字|"
    r"(?:最新|新发?|刚发?|刚才)的?那?一?条.{0,8}[报念说读]"
)
SENT = re.compile(r"发送|[已下刚]发|发[到给过]")
DENIAL = re.compile(
    r"不对|(?<![没冇不][弄搞听记写打说报念讲读])错了|不是|有误|(?<![没冇不])[弄搞听记写打说报念讲读][错反岔]|不太对|错啦|不正确|没对|(?:改|换|变)了|改成|口误|错误"
)
REPEAT = re.compile(
    r"再(?:说|报|念|讲|来|重复|确认|核对|对)一?(?:遍|次|下)|重新(?:说|报|念|来|讲)|重复一[下遍]|没听清|没听到|从头|"
    r"重来|慢点说|慢一点|再说|听不清|没记(?:下来|住)"
)
RESTARTS = re.compile(
    r"(?:重新|从头|重头)再?(?:来|说|报|念|讲|给[你您])|重[说报念讲来]|(?:刚才|前面|那个)(?:那个|说?的)?(?:都|全)?不算"
)
SAME_PART = re.compile(r"这[一]?[段组]|这[几四三两]位|这[一]?部分")
DISCARDS = re.compile(
    r"不用了|别记|不要(?:了|那个)|删了|删掉|作废|[不别]打那个|改留|换[个一]|停机|不用那个|过期|失效|[再重]发|重新发|"
    r"注销|停用|打不通|空号|超时|又(?:来|发|收到?)|刚(?:来|收到?)的|"
    r"看错行|拿错|[别不][打写记查用](?:这|那|它|我)|别人的|不是我的|换(?:成|了)|改(?:成|了)|以前的|不用的|旧号|老号|"
    r"现在(?:是|用|改)"
)
CHOICE = re.compile(
    r"(?:是|到底是|那是)?(?P<one>[0-9A-Za-z零一二三四五六七八九十幺]{1,8})[啊呀呢，,]*(?:还是|或者?)(?:是)?"
    r"(?P<other>[0-9A-Za-z零一二三四五六七八九十幺]{1,8})(?![0-9A-Za-z零一二三四五六七八九十幺])"
)
FIRST = re.compile(r"(?:是|对|嗯|哦|啊|[，, ])*([0-9A-Za-z零一二三四五六七八九十幺])(?![A-Za-z])")
PLACED = re.compile(r"还是|不对|错|不是")
YES = re.compile(
    r"^(?:(?:嗯|啊|哎|诶|欸|哦|噢|好)+[，,。 ]*)*"
    r"(?:(?:对(?!不|了[，, ]?(?:还|我))|是(?!不|多|什|哪|谁)|没[说报记念]?错|冇错|没毛病|正确|准确|可以|"
    r"行(?!不)|中$|要得|妥|确认|就是|就这|这(?:样|回|下|次|就|才)*[是对好行]|好)|(?:嗯|欸)[哪呐呢嗯啊，,。 ]*$)"
)
TROUBLE = re.compile(
    r"(?<![没冇不])(?<![没冇不][弄搞听记写打说报念讲读])错|不对|不是|有误|反[了啦的]|反$|颠倒|[念记看说听写打报讲读]岔|看花|改[成为一]|换[成个一]|漏|[少多][了一两个写打念]|"
    r"重复|落[了下]|掉了|丢了|串[了行]|混了|应该|等[等下]|等一下|缺|差[一两几]|不止|两遍|弄|不一样|搞|"
    r"(?<!还)有[两俩仨二三四][个回遍]?|在.{0,3}[前后]"
)
"""What speaks against a number that was told, be it only that something is left out or told twice."""
REJECTED = re.compile(
    r"[差少缺多][了]?[一两几]?[位个]|还有[一两几][位个]|才[一二三四五六七八九十0-9]+位|位数|不通过|没通过|[查找搜]不到|查无|无此|不存在|"
    r"没有(?:这|[。，, ]*$)|提示|空号|打不通|没认|不成功|失败|无效"
)
"""How the other side says that a number cannot be what it has."""
GIVEN_UP = re.compile(r"(?:别|不要|不用|甭)再?[打记发用写留](?:[那这]个|我的?)?(?:电话|号码?)?[，, ]?$")
"""Before a number: it is not to be used."""
PAST = re.compile(
    r"^[^\w]*\w{0,3}?[^\w]*(?:这|那)[个条张单]?(?:是|不是)?(?:上次|上回|昨[天晚]|前天|以前|之前|上个月|旧|老|过期|别人)"
    r"的?[那这]?一?[个条张单]?"
)
"""After digits that were begun: they are of another number than the one that is meant."""
IN_FULL = re.compile(r"(?:全号|完整的?(?:号码?|卡号)?|整个(?:号码?|卡号)?|全部的?号码?)(?:就?是|[：:])")
"""Before a number: what was said of it until now was only a part."""
MONEY = re.compile(r"[费钱价扣花收][^，。,]{0,6}$")
"""Before a count in words: it is an amount."""
ANOTHER = re.compile(
    r"另|备用|还有|再[留给来]|第二|两[个张]|俩|老[公婆]|爱人|儿子|女儿|我[爸妈]|媳妇|副卡|新号|家[里人]|连号|紧急|别的|各"
)
"""That another number is told, or asked for, beside the last."""
NODS = re.compile(r"[，,。 0-9零一二三四五六七八九幺](?:对|没错|是的)[的了啊哈呀]*[。！!]?$")
"""After digits: they are right as they are."""
ENDS = re.compile(r"[结收打]尾|为止|完了|没了|齐了")
QUESTION = re.compile(r"(?:吗|么|吧|对不对|是不是|[?？])[?？。]?$")
