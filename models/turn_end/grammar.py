"""Spoken turns from patterns: the `slots` lines of `data.txt`, after the hand-written ones.

`python -m models.turn_end.grammar data.txt` replaces the lines marked `slots` and leaves the others alone. `|` stands
where a speaker may pause for 0.4-0.7 s in mid-turn.
"""

from __future__ import annotations

import argparse
import random
import re
from pathlib import Path

_SEED = 20261122
_LINES_A_PATTERN = 14
_SLOT = re.compile(r"\{(\w+)\}")

_SLOTS: dict[str, tuple[str, ...]] = {
    "product": tuple("宽带 套餐 流量包 彩铃 副卡 会员 固话 云盘 电视盒子 来电显示 合约机 国际漫游 信用卡 理财 贷款 意外险 车险 保单 年卡 储值卡".split()),
    "goods": tuple("手机壳 羽绒服 洗衣机 空气炸锅 跑鞋 行李箱 电动牙刷 儿童座椅 投影仪 热水器 床垫 咖啡机 扫地机器人 耳机 书包".split()),
    "paper": tuple("身份证 营业执照 户口本 结婚证 居住证 驾驶证 行驶证 发票 购房合同 离职证明 诊断证明 银行流水 委托书 学历证书".split()),
    "when": tuple("今天上午 今天晚上 明天 后天 下周一 这个周末 月底 下个月初 国庆以后 三号到五号 五点半 两三天 节前 年底 二十号".split()),
    "past": tuple("昨天 前天 上周五 上个月 今年三月份 半个月前 去年年底 国庆节那天 大前天 十五号 早上 刚才".split()),
    "span": tuple("一到两个工作日 三个工作日 二十四小时 半个小时 十五天 三个月 两年 一个星期 七到十天 四十分钟 一个账期".split()),
    "money": tuple("三十八块 一百二十块钱 两千多 五百元 九块九 一万二 六十八块五 三百来块 二十 七千六百元 四毛五".split()),
    "place": tuple("营业厅 服务网点 派出所 社区服务中心 驿站 柜台 我们的门店 政务大厅 车管所 售后维修点 客户端里 小程序上".split()),
    "person": tuple("我爸 我妈 我爱人 我儿子 我同事 我邻居 我房东 我奶奶 我表哥 我们单位的会计".split()),
    "staff": tuple("师傅 客户经理 快递员 查勘员 技术人员 专员 店长 理赔员 配送员 工程师".split()),
    "act": tuple("取消 续费 改签 退货 换货 过户 注销 补卡 开发票 升级 停机 提前还款 修改地址 申请理赔 预约上门".split()),
    "fault": tuple("上不了网 打不开 一直转圈 没有声音 漏水 不制冷 开不了机 老是掉线 扣了两次钱 登录不了 收不到短信 显示余额不足".split()),
    "done": tuple("登记好了 提交成功了 取消掉了 安排下去了 备注清楚了 转给相关部门了 查询过了 申请下来了 加急处理了".split()),
    "feel": tuple("太过分了 真的很失望 没法接受 不合理吧 说不过去 太麻烦了 有点离谱 我实在等不了了 我很着急".split()),
    "ask": tuple("怎么办 要多少钱 需要什么手续 什么时候能好 可以吗 去哪里办 有没有影响 要等多久 能退吗 是怎么回事".split()),
    "sorry": tuple("非常抱歉 实在不好意思 很抱歉给您添麻烦了 真是对不住您 给您带来不便了".split()),
    "open": tuple("你好 您好 喂您好 哎你好 那个 麻烦问一下 是这样的 我跟你说啊 嗯".split()),
    "um": tuple("那个 就是说 呃 就是 嗯 这个 怎么说呢 然后".split()),
    "ack": tuple("好的 行 嗯好 可以 好好 没问题 明白 知道了 对 是的 好嘞 收到".split()),
    "thanks": tuple("谢谢 谢谢你 麻烦您了 辛苦了 多谢 感谢".split()),
    "screen": tuple("我的 设置 订单详情 账户与安全 服务 更多 缴费 客服中心".split()),
    "link": tuple("但是 不过 可是 而且 然后 所以 结果 因为".split()),
    "surname": tuple("张 李 陈 杨 黄 吴 徐 孙 马 朱 郭 何 林 罗 郑 梁 谢 宋 唐 许".split()),
    "road": tuple("中山路 人民大道 学府街 滨河东路 和平里 新华南街 凤凰路 长安街 科技二路 迎宾大道".split()),
    "estate": tuple("阳光花园 翠湖苑 锦绣城 东方名都 书香门第 福泽家园 金色港湾 北辰小区".split()),
}  # fmt: skip

_AGENT = """
好的，{surname}先生，您要办理的是{product}{act}业务，对吗
{surname}女士，{product}我这边已经给您{done}
{sorry}|您反映的{product}问题|我们已经{done}
{sorry}，您先别着急
您的{goods}|预计{when}送到|请您保持电话畅通
您的{goods}目前|还在运输途中
{staff}会在{when}|跟您电话联系|您注意接听一下
我这边给您约的是{when}|{staff}上门之前|会提前给您打电话
如果{staff}没有按时到|您可以直接打我们的热线
如果您需要{act}|请带上{paper}|到{place}办理
如果{when}之前还没有处理好|您再联系我们
因为{product}涉及到实名信息|所以必须本人|带着{paper}去{place}
由于近期业务量比较大|{act}的时间会延长到{span}
虽然{product}已经到期了|但是您还可以|在{place}补办
办理{act}需要{paper}和{paper}
需要准备的材料有{paper}|{paper}|还有{paper}
您先打开{screen}|再点击{screen}|最下面有一个{act}
您在{place}就可以{act}
{act}以后|{span}之内生效
{act}的费用是{money}|从您的余额里面扣
这笔{money}|是{past}产生的{product}费用
您{past}缴了{money}|目前还差{money}
一共是{money}
这边查到您{past}|确实有一笔{money}的消费
这边退给您{money}|{span}到账
按照{product}的规定|{span}之内是可以{act}的
根据您购买的{product}|这种情况|可以赔付{money}
考虑到您的情况|我们愿意|补偿您{money}
请问您是{past}|在{place}办理的吗
请问您的{goods}|具体是什么问题呢
请问{fault}是从什么时候开始的
麻烦您提供一下{paper}上的名字
麻烦您拍一张{paper}|发到我们的邮箱
麻烦您报一下|{paper}的号码
跟您核实一下|您的地址是{road}|{estate}，对吗
为您转接{staff}|请不要挂机
您可以选择{when}|或者{when}
{act}有两种方法|一种是去{place}|另一种是打电话
已经{done}，请您放心
我看到系统里面|{past}有一条{act}的记录
我先帮您{act}|然后再给您回电话
我再帮您催一下{staff}|最晚{when}给您答复
这个我需要|跟{staff}确认一下
建议您{when}|再打过来查一下
您看{when}方便吗
您是要{act}|还是要{act}
{ack}，请问还有别的问题吗
{ack}，马上给您处理
还有一点要提醒您|{act}之后{product}就不能用了
只要您{when}之前|把{money}补上|就不会影响使用
除了{act}|您也可以去{place}|找{staff}帮忙
这个{product}的优惠期是{span}|过了以后|恢复成每个月{money}
""".split()

_CUSTOMER = """
{open}|我想{act}
{open}|我想问一下|{product}怎么{act}
{open}，我要{act}
{open}，我{past}在你们那里|办了一个{product}
{open}，我这个{product}{fault}
我{past}买的{goods}|到现在都没发货
我{past}买的{goods}|才用了几天|就{fault}
我{past}打过电话|{staff}说|{when}给我解决
我{past}就交了{money}|怎么现在还是{fault}
我想问一下{act}{ask}
我想{act}|{ask}
我的{product}{fault}|{ask}
{person}的{product}|能不能帮忙{act}
{person}说|{place}可以{act}
{person}年纪大了|不会用手机|我替他{act}可以吗
我没有{paper}|只有{paper}|{ask}
如果{paper}丢了|{ask}
如果{when}还不行|那我就{act}了
因为{person}住院了|所以我想{act}
因为{fault}|我已经耽误了{span}
虽然我{act}了|但是{money}还是照扣
本来说好{when}的|{link}你们又改了
你们{staff}{past}来过|说是没问题|{link}走了以后又{fault}
{staff}说{when}来|结果等到现在|也没有人影
你们这样|{feel}
{feel}
这都过了{span}了|{feel}
等了{span}|还是{fault}
{um}|我那个{product}
{um}|{fault}
我{um}|想{act}一下
{ack}，那就{when}
{ack}|那我{when}再打
{ack}，{thanks}
{ack}，我知道了
{thanks}，再见
{when}可以
{when}吧
就{when}
{money}
大概{money}
{past}吧，好像是{past}
在{road}
我住{estate}|{road}那边
{estate}|三号楼|{money}
{road}和{road}的路口
我姓{surname}
用的是{paper}
不用了，我自己去{place}
那{money}什么时候退给我
那我要是不{act}呢
除了{place}|还有没有别的地方可以{act}
要么你们给我{act}|要么就赔我{money}
我不是要{act}|我是要{act}
我只是想知道|{product}{ask}
还有{um}|{goods}的事情
你们的{product}|是不是{act}了就没有了
凭什么收我{money}
不是说{span}吗
多少|{money}
他跟我说是{money}|{link}扣了我{money}
""".split()

_DIGITS = ("零一二三四五六七八九", "零幺二三四五六七八九", "0123456789")
_GROUPS = ((3, 4, 4), (3, 8), (11,), (3, 3, 5), (4, 4), (4, 4, 4, 4), (6, 4), (4,), (6,), (3, 2, 3, 3), (7, 4), (4, 3, 4))
_BEFORE_NUMBER = ("", "", "", "我的电话是", "号码是", "卡号", "你记一下", "单号是|", "电话|", "手机号", "账号是", "编号是", "是")
_AFTER_NUMBER = ("", "", "", "", "", "，对吗", "|是这个吧", "，没错", "|您核对一下", "，你查一下")


def _number(chance: random.Random) -> str:
    digits = chance.choice(_DIGITS)
    groups = ["".join(chance.choices(digits, k=n)) for n in chance.choice(_GROUPS)]
    if len(groups[0]) == 3:
        groups[0] = digits[1] + digits[chance.choice((3, 5, 7, 8, 9))] + groups[0][2]
    return chance.choice(_BEFORE_NUMBER) + "|".join(groups) + chance.choice(_AFTER_NUMBER)


def _filled(pattern: str, chance: random.Random) -> str:
    return _SLOT.sub(lambda slot: chance.choice(_SLOTS[slot.group(1)]), pattern)


def lines(seed: int = _SEED) -> list[tuple[str, str]]:
    """Pairs of speaker and turn, the same for the same seed, without repeats."""
    chance = random.Random(seed)  # noqa: S311 (a reproducible choice of words, no secret)
    made: dict[tuple[str, str], None] = {}
    for speaker, patterns in (("agent", _AGENT), ("customer", _CUSTOMER)):
        for pattern in patterns:
            for _ in range(_LINES_A_PATTERN if len(_SLOT.findall(pattern)) > 1 else _LINES_A_PATTERN // 2):
                made[speaker, _filled(pattern, chance)] = None
    for _ in range(160):
        made[chance.choice(("agent", "customer", "customer")), _number(chance)] = None
    return list(made)


def main() -> None:
    """Renew the `slots` lines of a data file."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("data", type=Path)
    path = parser.parse_args().data
    kept = [line for line in path.read_text("utf-8").splitlines() if line.split("\t")[1] != "slots"]
    renewed = [f"{speaker}\tslots\t{turn}" for speaker, turn in lines()]
    path.write_text("\n".join([*kept, *renewed]) + "\n", "utf-8")


if __name__ == "__main__":
    main()
