"""What people say around a request: frames shared by the skills, politeness, typing slips.

Frames that carry one skill only (translation wrappers) stand beside the shared ones, so that one
place shows them all. Lists ending in `_HELD` are never trained.
"""

import random

HOW_ZH = (
    "(怎么|如何|怎样){v}", "我想{v}", "(在哪里|在哪儿|在哪|哪里)(可以|能|){v}", "(能不能|能否|可不可以){v}",
    "(可以|能){v}吗", "(请|)(教我|告诉我|说说)(怎么|如何){v}", "{v}(怎么弄|怎么操作|怎么做|要怎么做)",
    "我(要|该|应该)(怎么|如何){v}", "{v}(的方法|的步骤|的办法)(是什么|)", "我想{v}，(怎么办|怎么做|该怎么做|怎么弄)",
    "(我|)不(会|知道怎么){v}", "(怎样|怎么|如何)才能{v}", "{v}", "有(什么|没有)(办法|方法){v}(吗|)",
    "(帮我|帮忙|请帮我){v}", "{v}应该点哪里", "想{v}", "我需要{v}", "(哪个|什么)(按钮|键|菜单)(可以|能|是){v}",
)  # fmt: skip
HOW_ZH_HELD = ("要是我打算{v}，步骤是啥", "{v}，请指点", "新手请教：{v}")
HOW_EN = (
    "how (do|can|could|should|would) I {v}", "how to {v}", "I (want|need|would like|have) to {v}",
    "(can|could|may) I {v}", "where (can|do) I {v}", "(what do I do|what do I have to do|what should I do) to {v}",
    "(please |)(tell|show) me how to {v}", "is it possible to {v}", "is there a way to {v}", "{v}",
    "(please |)help me {v}", "what is the (best |easiest |)way to {v}", "how does one {v}",
    "I (don't|do not) know how to {v}", "(can|could) you (tell me how to|explain how to|help me) {v}",
    "I'd like to {v}", "I am trying to {v}", "which (button|key|menu) do I use to {v}", "I want to {v}, how",
)  # fmt: skip
HOW_EN_HELD = ("what are the steps to {v}", "any idea how to {v}", "walk me through it: {v}")
POLITE_ZH = ("请问", "你好，", "请问，", "您好，请问", "那个，", "想问一下，", "问一下", "麻烦问下，", "嗨，", "hi，", "帮个忙，",
             "不好意思，", "我想问，", "对了，", "再问一个，", "还有，", "那", "书童，", "劳驾，")  # fmt: skip
POLITE_EN = ("please, ", "hello, ", "hi, ", "excuse me, ", "hey, ", "sorry, ", "quick question: ", "one question: ",
             "I have a question: ", "by the way, ", "ok, ", "so, ", "and ", "also, ", "Shutong, ", "hi there, ")  # fmt: skip

TO_EN = (
    "(翻译成|译成|翻成)(英文|英语)(：|:|: |，){x}", "(请|帮我|请帮我|麻烦|)(把|将)(下面的|这句|这|下面这|以下)(话|句话|句子|文字|内容)(翻译成|译成|翻成|翻译为)(英文|英语)(：|:|：\n|\n){x}",
    "{x}(用|拿)(英语|英文)(怎么说|怎么讲|怎么表达|怎么写)", "“{x}”(用|)(英语|英文)(怎么说|怎么讲|怎么表达|是什么)(？|)", "{x}(的|)(英文|英语)(是什么|怎么说|是啥|翻译)(？|)",
    "(英文|英语|英译)(：|:){x}", "(请|)(翻译|翻译一下|翻一下|译一下|中译英)(：|:|: |，| |\n){x}", "(请|)(翻译|翻译一下)“{x}”(成英文|成英语|为英文|)",
    "{x}(\n|，| |)(翻译成|译成|翻成)(英文|英语)", "(translate|please translate|Translate|can you translate) (to|into|this into|this to) English: {x}",
    "(translate|Translate) the following (text|sentence|Chinese text) (into|to) English(:|:\n|: ){x}", "(what does|what's the meaning of) (“{x}”|{x}) (mean|in English)(?|)",
    "how (do you|do I|to) say (“{x}”|{x}) in English(?|)", "“{x}” in English(, please|)", "(把|将)“{x}”(翻译成|译成|翻译为)(英文|英语)",
    "我想(用英语|用英文)说(：|，|){x}", "英语里{x}怎么说", "(教我|告诉我)(用英语|用英文|英语)怎么说(：{x}|“{x}”)", "{x} 英文", "将以下文本翻译为(英语|英文| 英语| 英文)，注意只需要输出翻译后的结果，不要额外解释：\n\n{x}",
    "Translate the following text into English. Note that you should only output the translated result without any additional explanation:\n\n{x}",
    "Translate the following segment into English, without additional explanation.\n\n{x}", "what is (“{x}”|{x}) in English", "English(: | for: | translation: ){x}",
    "(Translate|translate): {x}", "{x} (in english|in English)", "中翻英(：|:| ){x}", "帮我(翻译|翻)(一下|)(这句|这句话|)(：|:|，){x}",
)  # fmt: skip
TO_EN_HELD = ("麻烦你转成英语：{x}", "请问老外会怎么讲“{x}”", "Put this Chinese sentence in English: {x}", "用英文重说一遍：{x}")
TO_ZH = (
    "(翻译成|译成|翻成)(中文|汉语)(：|:|: |，){x}", "(请|帮我|请帮我|麻烦|)(把|将)(下面的|这句|这|下面这|以下)(话|句话|句子|文字|英文|内容)(翻译成|译成|翻成|翻译为)(中文|汉语|简体中文)(：|:|：\n|\n){x}",
    "{x}(用|)(中文|汉语)(怎么说|怎么讲|怎么表达|怎么写)", "“{x}”(用|)(中文|汉语)(怎么说|怎么讲|是什么|是什么意思)(？|)", "{x}(是什么意思|什么意思|的意思|是啥意思)(？|)", "{x} (的|)(中文|汉语)(是什么|意思|翻译|)",
    "(中文|英译中|英翻中|汉译)(：|:){x}", "(请|)(翻译|翻译一下|翻一下|译一下)(：|:|: |，| |\n){x}", "(translate|please translate|Translate|can you translate) (to|into|this into|this to) Chinese: {x}",
    "(translate|Translate) the following (text|sentence|English text) (into|to) (Chinese|simplified Chinese)(:|:\n|: ){x}", "how (do you|do I|to|would you) say (\"{x}\"|{x}) in Chinese(?|)",
    "\"{x}\" in Chinese(, please|)", "what is (\"{x}\"|{x}) in Chinese(?|)", "what's the Chinese for (\"{x}\"|{x})(?|)", "(把|将)\"{x}\"(翻译成|译成|翻译为)(中文|汉语)", "Chinese(: | for: | translation: ){x}",
    "将以下文本翻译为(中文| 中文|简体中文)，注意只需要输出翻译后的结果，不要额外解释：\n\n{x}", "Translate the following text into (Chinese|Simplified Chinese). Note that you should only output the translated result without any additional explanation:\n\n{x}",
    "Translate the following segment into Chinese, without additional explanation.\n\n{x}", "(Translate|translate): {x}", "帮我(翻译|翻)(一下|)(这句|这句话|)(：|:|，){x}", "{x}\n(翻译成|译成)中文", "say in Chinese: {x}", "I want to say in Chinese: {x}", "what does \"{x}\" mean( in Chinese|)",
)  # fmt: skip
TO_ZH_HELD = ("麻烦你转成汉语：{x}", "用中文重说一遍：{x}", "Put this English sentence in Chinese: {x}", "I need this in Mandarin: {x}")
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
ANSWER_ZH = ("(请|)用中文回答", "(请|)(用|说)中文", "answer in Chinese", "please reply in Chinese", "用汉语回答我", "in Chinese please")
ANSWER_EN = ("(请|)用英文回答", "(请|)用英语(说|回答)", "answer in English", "please reply in English", "in English please", "请以英文作答")


def slips(text: str, rng: random.Random) -> str:
    """The text as hurried people type it: no mark at the end, odd case, a doubled or lost letter, or
    in traditional characters."""
    if rng.random() < 0.05:
        text = text.translate(TO_TRADITIONAL)
    kind = rng.random()
    if kind < 0.3:
        text = text.rstrip("？。！?.!")
    elif kind < 0.4:
        text = text.rstrip("？。！?.!") + rng.choice(("？", "?", "。", ".", "！", "...", "？？", " ", "~", "啊", "呢", " ?", "\n"))
    if rng.random() < 0.3 and text and text[0].isascii():
        text = text[0].swapcase() + text[1:]
    elif rng.random() < 0.08:
        text = text.lower()
    if rng.random() < 0.06 and len(text) > 8:
        at = rng.randrange(1, len(text) - 1)
        if text[at].isascii() and text[at].isalpha():
            text = text[:at] + rng.choice(("", text[at] * 2, text[at + 1])) + text[at + 1 :]
    return text


SIMPLIFIED = "语话说请问设输开关电脑对记录删还网络单长写进来个们这为没时间现么怎样样气爱书买卖钱东车马鸟鱼鸡龙门闻难谢岁饭菜馆机场铁飞汉译转换选择页夹键钥护库显词连总结应该过远边实体应无专业帮给让谁谈论讲认识读学习数据处处发变简单复杂历师医药见视听乐欢庆节动画图亲爷妈儿孙妇男风云觉热凉湿暗红绿蓝黄点击件题级错误义务员厂广庄兰华丽"
TRADITIONAL = "語話說請問設輸開關電腦對記錄刪還網絡單長寫進來個們這為沒時間現麼怎樣樣氣愛書買賣錢東車馬鳥魚雞龍門聞難謝歲飯菜館機場鐵飛漢譯轉換選擇頁夾鍵鑰護庫顯詞連總結應該過遠邊實體應無專業幫給讓誰談論講認識讀學習數據處處發變簡單複雜歷師醫藥見視聽樂歡慶節動畫圖親爺媽兒孫婦男風雲覺熱涼濕暗紅綠藍黃點擊件題級錯誤義務員廠廣莊蘭華麗"
TO_TRADITIONAL = str.maketrans(SIMPLIFIED, TRADITIONAL)


def politely(text: str, chinese: bool, rng: random.Random) -> str:
    """Sometimes something polite before the request."""
    if rng.random() < 0.22:
        return rng.choice(POLITE_ZH if chinese else POLITE_EN) + text
    if rng.random() < 0.06:
        return text + (rng.choice(("，谢谢", "，谢谢！", "，麻烦了", "，急")) if chinese else rng.choice((", please", ", thanks", " thank you")))
    return text
