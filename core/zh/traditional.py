"""Characters of the traditional script that recognisers write, as those of the simplified one.

Only characters of the words that are asked for around numbers. One for one, so that offsets stay.
"""

from __future__ import annotations

_TRADITIONAL = (
    "電話號碼聯繫請問報說錯對這個換證張註銷別給誰訊驗動態單運銀帳戶機標記寫聽讀調顛後來從頭幾當兩還沒應該終於過開關數發確認實"
    "為點間邊樣讓麼嗎唸臺匯儲貸憑據變檢稱東區業務員師輸備幫門離線郵遞貨購續費網絡園蓋層樓鐘時歲貳參陸無誤復"
)
_SIMPLIFIED = (
    "电话号码联系请问报说错对这个换证张注销别给谁讯验动态单运银账户机标记写听读调颠后来从头几当两还没应该终于过开关数发确认实"
    "为点间边样让么吗念台汇储贷凭据变检称东区业务员师输备帮门离线邮递货购续费网络园盖层楼钟时岁贰叁陆无误复"
)
_TABLE = str.maketrans(_TRADITIONAL, _SIMPLIFIED)


def simplified(text: str) -> str:
    """The text with these characters in the simplified script; as long as before."""
    return text.translate(_TABLE)
