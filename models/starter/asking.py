"""What people say around a request: the frames of `data/frames.txt`, politeness, typing slips.

Frames whose section ends in ``.held`` are never trained; only the held-out set draws from them.
"""

import random
from functools import lru_cache

from starter.grammar import chance, expand, sections

POLITE_ZH = ("请问", "你好，", "请问，", "您好，请问", "那个，", "想问一下，", "问一下", "麻烦问下，", "嗨，", "hi，", "帮个忙，",
             "不好意思，", "我想问，", "对了，", "再问一个，", "还有，", "那", "书童，", "劳驾，")  # fmt: skip
POLITE_EN = ("please, ", "hello, ", "hi, ", "excuse me, ", "hey, ", "sorry, ", "quick question: ", "one question: ",
             "I have a question: ", "by the way, ", "ok, ", "so, ", "and ", "also, ", "Shutong, ", "hi there, ")  # fmt: skip
THANKS_ZH = ("，谢谢", "，谢谢！", "，麻烦了", "，急")
THANKS_EN = (", please", ", thanks", " thank you")
GLOSSARY_ZH = "参考下面的翻译：\n{terms}\n\n将以下文本翻译为{language}，注意只需要输出翻译后的结果，不要额外解释：\n{x}"
GLOSSARY_EN = (
    "Reference the following translations:\n{terms}\n\nTranslate the following text into {language}. Note that you "
    "must ONLY output the translated result without any additional explanation:\n\n{x}"
)
TRANSLATOR = "You are a professional translator. Translate the user's text from {src} to {dst}. Output only the translation. Keep markup, placeholders and line breaks."
SYSTEMS = (
    "你是一个有用的助手。", "You are a helpful assistant.", "你是书童，一个小助手。", "You are Shutong, a small assistant.",
    "请简洁地回答。", "Be brief and polite.", "You are Hanlin's assistant. Answer in the user's language.", "你是翰林的助手，用用户的语言回答。",
)  # fmt: skip
ENDINGS = ("？", "?", "。", ".", "！", "...", "？？", " ", "~", "啊", "呢", " ?", "\n")
SHORT = 8
SIMPLIFIED = "语话说请问设输开关电脑对记录删还网络单长写进来个们这为没时间现么怎样样气爱书买卖钱东车马鸟鱼鸡龙门闻难谢岁饭菜馆机场铁飞汉译转换选择页夹键钥护库显词连总结应该过远边实体应无专业帮给让谁谈论讲认识读学习数据处处发变简单复杂历师医药见视听乐欢庆节动画图亲爷妈儿孙妇男风云觉热凉湿暗红绿蓝黄点击件题级错误义务员厂广庄兰华丽"
TRADITIONAL = "語話說請問設輸開關電腦對記錄刪還網絡單長寫進來個們這為沒時間現麼怎樣樣氣愛書買賣錢東車馬鳥魚雞龍門聞難謝歲飯菜館機場鐵飛漢譯轉換選擇頁夾鍵鑰護庫顯詞連總結應該過遠邊實體應無專業幫給讓誰談論講認識讀學習數據處處發變簡單複雜歷師醫藥見視聽樂歡慶節動畫圖親爺媽兒孫婦男風雲覺熱涼濕暗紅綠藍黃點擊件題級錯誤義務員廠廣莊蘭華麗"
TO_TRADITIONAL = str.maketrans(SIMPLIFIED, TRADITIONAL)


@lru_cache(maxsize=1)
def _frames() -> dict[str, list[str]]:
    return {
        name: [entry.replace("⏎", "\n") for entry in entries]
        for name, entries in sections("frames.txt").items()
    }


def framed(name: str, rng: random.Random, **filled: str) -> str:
    """A frame of a section with its places filled by texts that are taken as they are."""
    text = expand(rng.choice(_frames()[name]), rng)
    for place, words in filled.items():
        text = text.replace(f"{{{place}}}", words)
    return text


def slips(text: str, rng: random.Random) -> str:
    """The text as hurried people type it: no mark at the end, odd case, a wrong letter, or
    in traditional characters.
    """
    if chance(rng, 0.05):
        text = text.translate(TO_TRADITIONAL)
    text = _ending(text, rng)
    if chance(rng, 0.3) and text and text[0].isascii():
        text = text[0].swapcase() + text[1:]
    elif chance(rng, 0.08):
        text = text.lower()
    if chance(rng, 0.06) and len(text) > SHORT:
        at = rng.randrange(1, len(text) - 1)
        if text[at].isascii() and text[at].isalpha():
            text = text[:at] + rng.choice(("", text[at] * 2, text[at + 1])) + text[at + 1 :]
    return text


def _ending(text: str, rng: random.Random) -> str:
    """Mostly as it is, often without its mark, sometimes with another one."""
    bare = text.rstrip("？。！?.!")
    return rng.choices((text, bare, bare + rng.choice(ENDINGS)), (6, 3, 1))[0]


def politely(text: str, chinese: bool, rng: random.Random) -> str:
    """Sometimes something polite before or after the request."""
    if chance(rng, 0.22):
        return rng.choice(POLITE_ZH if chinese else POLITE_EN) + text
    if chance(rng, 0.06):
        return text + rng.choice(THANKS_ZH if chinese else THANKS_EN)
    return text
