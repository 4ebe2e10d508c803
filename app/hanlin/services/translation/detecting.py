"""Which language a text is in: by its script, then by the small words of the language.

Needs no library and no model: ``lingua`` brings 100 MB, ``langid`` and ``fasttext`` need
numpy, ``langdetect`` is random and knows neither Kazakh nor Uyghur nor Cantonese.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from hanlin.domain.languages import CHINESE
from hanlin.services.translation import masking

_MOST: Final = 4_000
"""Characters that are looked at."""
_SHARE: Final = 0.2
"""A script with this share of the letters can be the text's: Latin words stand everywhere."""

_RANGES: Final = (
    (0x0041, 0x024F, "latin"), (0x1E00, 0x1EFF, "latin"), (0x0370, 0x03FF, "el"),
    (0x0400, 0x052F, "cyrillic"), (0x0590, 0x05FF, "he"), (0x0600, 0x077F, "arabic"),
    (0xFB50, 0xFDFF, "arabic"), (0xFE70, 0xFEFF, "arabic"), (0x0900, 0x097F, "devanagari"),
    (0x0980, 0x09FF, "bn"), (0x0A80, 0x0AFF, "gu"), (0x0B80, 0x0BFF, "ta"), (0x0C00, 0x0C7F, "te"),
    (0x0E00, 0x0E7F, "th"), (0x0E80, 0x0EFF, "lo"), (0x0F00, 0x0FFF, "bo"),
    (0x1000, 0x109F, "my"), (0x1100, 0x11FF, "ko"), (0x1780, 0x17FF, "km"),
    (0x1800, 0x18AF, "mn"), (0x3040, 0x30FF, "kana"), (0x31F0, 0x31FF, "kana"),
    (0x3130, 0x318F, "ko"), (0xAC00, 0xD7AF, "ko"), (0x3400, 0x9FFF, "han"),
    (0xF900, 0xFAFF, "han"), (0x20000, 0x3FFFF, "han"),
)  # fmt: skip
_WORDS: Final[Mapping[str, str]] = {
    "en": "the of and to a in is that it was for on are as with his they be at this have from or "
    "had by but not what all were we when your can said there use an each which she do how their "
    "if will my you he i me hello please thanks",
    "fr": "le la les de des du et à un une est que qui dans pour pas sur ne ce il elle nous vous "
    "je se avec plus au aux son sa ses mais ou par cette sont été être bonjour merci c'est",
    "es": "el la los las de y que en un una es por con no se su para al lo como más pero sus le ya "
    "o este sí porque esta entre cuando muy sin sobre también me hasta hay donde está hola gracias",
    "pt": "o a os as de e que em um uma é por com não se para do da dos das no na mais mas como ao "
    "ele ela seu sua ou quando muito há nos já está eu também só pelo pela obrigado você são",
    "it": "il lo la i gli le di e che in un una è per con non si da del della dei delle al alla "
    "sono come più ma anche ci questo questa nel nella ha ho essere mi grazie ciao perché",
    "de": "der die das und in zu den von mit ist des sich nicht ein eine auf für im dem auch es an "
    "werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über so ich wir",
    "nl": "de het een en van in is dat op te zijn voor met die niet aan er om ook als bij maar dit "
    "ik je hij ze wij naar door over uit wat deze nog wordt werd heeft kan geen goed",
    "tr": "ve bir bu da de için ile ne çok o ben mi mı var daha gibi ama olarak değil en kadar her "
    "sonra olan ki ya biz siz onun şey yok nasıl merhaba lütfen teşekkür",
    "vi": "và của là có cho không được trong một người với các những này đã để khi đến từ ra như "
    "cũng nhưng tôi anh chị bạn rất nhiều về thì đó làm sẽ xin chào cảm ơn",
    "id": "yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya ke karena ada "
    "oleh bisa atau kami kita mereka sudah dia anda apa telah bahwa kalau sangat",
    "ms": "yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya ke kerana ada "
    "oleh boleh atau kami kita mereka sudah dia anda apa telah bahawa jika ialah awak sangat",
    "tl": "ang ng sa na mga at ay ko mo ka si ito hindi ako siya para kung may lang naman niya po "
    "isang mula kayo namin natin dahil nasa kumusta salamat",
    "pl": "i w na z do się nie że to jest o jak za od po przez dla ale tak co już przy tym był są "
    "być jej jego może ma czy tylko bardzo mnie dzień dobry dziękuję",
    "cs": "a v na se je že to s z do o i k pro jako ale po by za jsem jsou byl být nebo tak také "
    "jeho její co když už jen může tento dobrý den děkuji který",
    "sv": "och i att det som en på är av för med till den har de inte om ett han men var jag sig "
    "från vi så kan hon när också eller hej tack mycket",
    "da": "og i at det er en til på som for med den af de ikke der har et jeg han var men vi om "
    "fra så kan hun også eller meget hej tak være blev efter",
    "nb": "og i å det er en til på som for med den av de ikke har et jeg han var men vi om fra så "
    "kan hun også eller veldig hei takk være ble etter",
    "fi": "ja on ei se että hän oli joka mutta ovat kun niin myös tai ole minä sinä me he kuin "
    "vain mitä jos kanssa nyt hyvää kiitos olen",
    "hu": "a az és hogy nem is egy van ez meg de azt ha csak már mint volt én te mi ők kell lesz "
    "vagy még minden nagyon köszönöm szép jó",
    "ro": "și de în la a cu pe nu este un o că din mai care pentru ca sunt ce dar am ai are eu tu "
    "el ea noi voi fost sau după foarte mulțumesc bună",
}  # fmt: skip
_LETTERS: Final[Mapping[str, str]] = {
    "fr": "çèêëîïôœùû", "es": "ñ¿¡", "pt": "ãõ", "de": "äöüß", "tr": "ğışçöü", "pl": "ąćęłńśźż",
    "cs": "ěřůčďťň", "sv": "å", "da": "æøå", "nb": "æøå", "fi": "äö", "hu": "őűö", "ro": "ăâîșț",
    "vi": "ăâđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", "it": "àèéìòù",
}  # fmt: skip
_CYRILLIC: Final[Mapping[str, str]] = {
    "ru": "ыэё", "uk": "іїєґї", "mn": "өү", "kk": "әғқңұһөүі", "bg": "ъ",
}  # fmt: skip
_ARABIC: Final[Mapping[str, str]] = {"ug": "ېۈۆۇەڭ", "ur": "ٹڈڑںےہ", "fa": "پچژگیک"}
_MARATHI: Final = ("आहे", "नाही", "आणि", "तुम्ही", "मला", "होते", "होता", "काय", "ळ")
_BY_LETTERS: Final[Mapping[str, tuple[Mapping[str, Iterable[str]], str]]] = {
    "cyrillic": (_CYRILLIC, "ru"),
    "arabic": (_ARABIC, "ar"),
    "devanagari": ({"mr": _MARATHI}, "hi"),
}
_CANTONESE: Final = "嘅咗哋喺唔冇嘢咁啲嚟佢睇乜嗰咩喎"
# Pairs of which a text in simplified characters uses the first and one in traditional the second.
_SIMPLE: Final = (
    "们这个说时为会对来国学过还发后无动电见经开关长问间东车书员马业两应现实样种从话点机与"
    "给让头进当题气军爱请认识语读写听买卖钱钟铁银门难飞鱼鸟龙龟汉华历记论证设计师习义乐万亿"
    "儿几产亲众传伤伟优价体侧债决况净减击创别务劳势区医协单历压厅厨县双变叶号吗启响园图圆场坏块"
    "声处备复够奖妇妈孙宁宝审宽导寿层岁岛币带帮广庄库张归录态忆怀总恋恶惊惯愿户护报担拥择换损"
)
_COMPLEX: Final = (
    "們這個說時為會對來國學過還發後無動電見經開關長問間東車書員馬業兩應現實樣種從話點機與"
    "給讓頭進當題氣軍愛請認識語讀寫聽買賣錢鐘鐵銀門難飛魚鳥龍龜漢華歷記論證設計師習義樂萬億"
    "兒幾產親眾傳傷偉優價體側債決況淨減擊創別務勞勢區醫協單曆壓廳廚縣雙變葉號嗎啟響園圖圓場壞塊"
    "聲處備復夠獎婦媽孫寧寶審寬導壽層歲島幣帶幫廣莊庫張歸錄態憶懷總戀惡驚慣願戶護報擔擁擇換損"
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def detect(text: str, default: str = "") -> str:
    """Return the code of the language of ``text``, ``default`` when nothing tells."""
    letters = _plain(text[:_MOST])
    scripts = Counter(script for letter in letters if (script := _script(letter)))
    total = scripts.total()
    if not total:
        return default
    if scripts["kana"] and scripts["kana"] + scripts["han"] >= _SHARE * total:
        return "ja" if scripts["kana"] * 12 >= scripts["han"] else _chinese(letters)
    best = max(
        (name for name in scripts if name != "latin" and scripts[name] >= _SHARE * total),
        key=lambda name: scripts[name],
        default="latin",
    )
    if best == "han":
        # One Chinese character stands for about two letters of other scripts.
        return _chinese(letters) if 3 * scripts["han"] >= scripts["latin"] else "en"
    if best == "latin":
        return _latin(letters, default)
    if best in _BY_LETTERS:
        return _by_letters(letters, *_BY_LETTERS[best])
    return best


def fits(code: str, text: str) -> bool:
    """Tell whether ``text`` can be in the language ``code``; short texts are given the doubt."""
    plain = _plain(text[:_MOST])
    scripts = Counter(script for letter in plain if (script := _script(letter)))
    total = scripts.total()
    if not total:
        return True
    wanted = _SCRIPTS.get(code, ("latin",))
    own = sum(scripts[name] for name in wanted)
    if code in CHINESE or code == "ja":
        own *= 2  # one character says what several letters do
    if own < _SHARE * total and total - scripts["latin"] > 1:
        return False
    if own == 0:
        # A name, a brand or a code may stay as it is; a whole sentence may not.
        return len(_WORD.findall(plain)) <= _NAME_WORDS
    return True


_NAME_WORDS: Final = 2
_OWN_SCRIPT: Final = ("el", "he", "bn", "gu", "ta", "te", "th", "lo", "bo", "my", "km")
_SCRIPTS: Final[Mapping[str, tuple[str, ...]]] = {
    "zh": ("han",), "zh-Hant": ("han",), "yue": ("han",),
    "ja": ("kana", "han"), "ko": ("ko", "han"),
    "ru": ("cyrillic",), "uk": ("cyrillic",), "kk": ("cyrillic",), "bg": ("cyrillic",),
    "mn": ("cyrillic", "mn"), "ar": ("arabic",), "fa": ("arabic",), "ur": ("arabic",),
    "ug": ("arabic",), "hi": ("devanagari",), "mr": ("devanagari",),
    **{code: (code,) for code in _OWN_SCRIPT},
}  # fmt: skip


def _plain(text: str) -> str:
    """Return ``text`` without addresses, tags and code, composed."""
    return unicodedata.normalize("NFC", masking.mask(text).text)


@cache
def _script(letter: str) -> str:
    if not letter.isalpha() and not unicodedata.category(letter).startswith("M"):
        return ""
    number = ord(letter)
    return next((name for low, high, name in _RANGES if low <= number <= high), "")


def _chinese(text: str) -> str:
    if sum(text.count(letter) for letter in _CANTONESE) >= max(1, len(text) // 40):
        return "yue"
    simple = sum(letter in _ONLY_SIMPLE for letter in text)
    complicated = sum(letter in _ONLY_COMPLEX for letter in text)
    return "zh-Hant" if complicated > simple else "zh"


_ONLY_SIMPLE: Final = frozenset(_SIMPLE) - frozenset(_COMPLEX)
_ONLY_COMPLEX: Final = frozenset(_COMPLEX) - frozenset(_SIMPLE)


def _by_letters(text: str, marks: Mapping[str, Iterable[str]], usual: str) -> str:
    folded = text.casefold()
    counts = {code: sum(folded.count(mark) for mark in some) for code, some in marks.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] else usual


def _latin(text: str, default: str) -> str:
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(text)]
    scores: Counter[str] = Counter()
    for code, known in _WORD_SETS.items():
        scores[code] = 2 * sum(word in known for word in words)
    folded = text.casefold()
    for code, letters in _LETTERS.items():
        scores[code] += sum(folded.count(letter) for letter in letters)
    for code in ("ms", "id"):  # they share most small words
        own = _WORD_SETS[code] - _WORD_SETS["id" if code == "ms" else "ms"]
        scores[code] += sum(word in own for word in words)
    code, score = scores.most_common(1)[0]
    if score:
        return code
    return default or "en"


_WORD_SETS: Final = {code: frozenset(words.split()) for code, words in _WORDS.items()}
