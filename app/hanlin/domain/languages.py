"""The languages that are translated between: their codes, names and the scripts they use.

Which model knows which of them is the prompts' business, and which language a text is in
the detector's.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Language:
    """One language. ``english`` and ``chinese`` are the names that prompts use."""

    code: str
    english: str
    chinese: str
    native: str
    spaced: bool = True
    """Whether words, and so sentences, have spaces between them."""


_ALL: Final = (
    # The 38 of Hy-MT2, in its order, with its Chinese names.
    Language("zh", "Chinese", "中文", "简体中文", spaced=False),
    Language("en", "English", "英语", "English"),
    Language("fr", "French", "法语", "Français"),
    Language("pt", "Portuguese", "葡萄牙语", "Português"),
    Language("es", "Spanish", "西班牙语", "Español"),
    Language("ja", "Japanese", "日语", "日本語", spaced=False),
    Language("tr", "Turkish", "土耳其语", "Türkçe"),
    Language("ru", "Russian", "俄语", "Русский"),
    Language("ar", "Arabic", "阿拉伯语", "العربية"),
    Language("ko", "Korean", "韩语", "한국어"),
    Language("th", "Thai", "泰语", "ไทย", spaced=False),
    Language("it", "Italian", "意大利语", "Italiano"),
    Language("de", "German", "德语", "Deutsch"),
    Language("vi", "Vietnamese", "越南语", "Tiếng Việt"),
    Language("ms", "Malay", "马来语", "Bahasa Melayu"),
    Language("id", "Indonesian", "印尼语", "Bahasa Indonesia"),
    Language("tl", "Filipino", "菲律宾语", "Filipino"),
    Language("hi", "Hindi", "印地语", "हिन्दी"),
    Language("zh-Hant", "Traditional Chinese", "繁体中文", "繁體中文", spaced=False),
    Language("pl", "Polish", "波兰语", "Polski"),
    Language("cs", "Czech", "捷克语", "Čeština"),
    Language("nl", "Dutch", "荷兰语", "Nederlands"),
    Language("km", "Khmer", "高棉语", "ខ្មែរ", spaced=False),
    Language("my", "Burmese", "缅甸语", "မြန်မာ", spaced=False),
    Language("fa", "Persian", "波斯语", "فارسی"),
    Language("gu", "Gujarati", "古吉拉特语", "ગુજરાતી"),
    Language("ur", "Urdu", "乌尔都语", "اردو"),
    Language("te", "Telugu", "泰卢固语", "తెలుగు"),
    Language("mr", "Marathi", "马拉地语", "मराठी"),
    Language("he", "Hebrew", "希伯来语", "עברית"),
    Language("bn", "Bengali", "孟加拉语", "বাংলা"),
    Language("ta", "Tamil", "泰米尔语", "தமிழ்"),
    Language("uk", "Ukrainian", "乌克兰语", "Українська"),
    Language("bo", "Tibetan", "藏语", "བོད་ཡིག", spaced=False),
    Language("kk", "Kazakh", "哈萨克语", "Қазақша"),
    Language("mn", "Mongolian", "蒙古语", "Монгол"),
    Language("ug", "Uyghur", "维吾尔语", "ئۇيغۇرچە"),
    Language("yue", "Cantonese", "粤语", "粵語", spaced=False),
    # What general models are also asked for.
    Language("sv", "Swedish", "瑞典语", "Svenska"),
    Language("da", "Danish", "丹麦语", "Dansk"),
    Language("nb", "Norwegian", "挪威语", "Norsk"),
    Language("fi", "Finnish", "芬兰语", "Suomi"),
    Language("el", "Greek", "希腊语", "Ελληνικά"),
    Language("hu", "Hungarian", "匈牙利语", "Magyar"),
    Language("ro", "Romanian", "罗马尼亚语", "Română"),
    Language("bg", "Bulgarian", "保加利亚语", "Български"),
    Language("lo", "Lao", "老挝语", "ລາວ", spaced=False),
)
LANGUAGES: Final = MappingProxyType({language.code: language for language in _ALL})
HY_MT: Final = tuple(language.code for language in _ALL[:38])
"""The codes of the languages that the Hunyuan translators know."""
CHINESE: Final = frozenset({"zh", "zh-Hant", "yue"})
_OTHER_CODES: Final = {
    "zh-cn": "zh",
    "zh-hans": "zh",
    "zh-sg": "zh",
    "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
    "zh-mo": "zh-Hant",
    "zh-hant": "zh-Hant",
    "cmn": "zh",
    "fil": "tl",
    "no": "nb",
    "nn": "nb",
    "iw": "he",
    "in": "id",
    "jp": "ja",
    "cn": "zh",
    "kr": "ko",
}


def find_language(words: str) -> Language | None:
    """Return the language that a person or a file calls ``words``: a code or a name."""
    folded = words.strip().replace("_", "-").casefold()
    if not folded:
        return None
    for code in (folded, _OTHER_CODES.get(folded, ""), folded.split("-", maxsplit=1)[0]):
        known = _OTHER_CODES.get(code, code)
        if known in LANGUAGES:
            return LANGUAGES[known]
    for language in _ALL:
        names = (language.english, language.chinese, language.native)
        if folded in (name.casefold() for name in names):
            return language
    return None


def related(one: str, other: str) -> bool:
    """Tell whether two codes name the same language, however it is written."""
    return one == other or {one, other} <= CHINESE
