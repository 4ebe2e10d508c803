"""Units and what they are worth: metric, imperial and the Chinese market's, by all their names.

Values are exact; only the answer is rounded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final


class UnknownUnitError(Exception):
    """A unit nobody knows, or two that measure different things; the text is for a model."""


@dataclass(frozen=True, slots=True)
class Unit:
    """``factor`` of the quantity's base unit; ``zero`` is where its scale begins."""

    quantity: str
    factor: Fraction
    zero: Fraction = Fraction(0)


_TABLE: Final = """
length:
    m metre meter metres meters 米 公尺=1;
    km kilometre kilometer kilometres kilometers 千米 公里=1000;
    cm centimetre centimeter centimetres centimeters 厘米 公分=1/100;
    mm millimetre millimeter millimeters 毫米=1/1000;
    um μm micrometre micrometer 微米=1/1000000; nm nanometre nanometer 纳米=1/1000000000;
    dm decimetre 分米=1/10; in inch inches 英寸=254/10000; ft foot feet 英尺=3048/10000;
    yd yard yards 码=9144/10000; mi mile miles 英里=1609344/1000; nmi nautical_mile 海里=1852;
    里 市里 li=500; 丈=10/3; 尺 市尺 chi=1/3; 寸 市寸 cun=1/30;
    ly light_year lightyear 光年=9460730472580800;
mass:
    kg kilogram kilograms 千克 公斤=1; g gram grams 克=1/1000;
    mg milligram milligrams 毫克=1/1000000; t tonne tonnes ton tons 吨=1000;
    lb lbs pound pounds 磅=45359237/100000000; oz ounce ounces 盎司=28349523125/1000000000000;
    st stone=635029318/100000000; 斤 市斤 jin=1/2; 两 市两 liang=1/20; 钱 市钱=1/200; 担=50;
    ct carat carats 克拉=1/5000;
temperature:
    K kelvin 开 开尔文=1; C °C ℃ celsius degC 摄氏度 摄氏=1@27315/100;
    F °F ℉ fahrenheit degF 华氏度 华氏=5/9@229835/900;
area:
    m2 m² square_metre square_meter 平方米 平米=1;
    km2 km² square_kilometre square_kilometer 平方公里 平方千米=1000000;
    cm2 cm² 平方厘米=1/10000; ha hectare hectares 公顷=10000;
    acre acres 英亩=40468564224/10000000; 亩 市亩 mu=2000/3;
    ft2 ft² sqft square_foot square_feet 平方英尺=9290304/100000000;
    in2 in² 平方英寸=64516/100000000; mi2 square_mile 平方英里=2589988110336/1000000;
volume:
    l L litre liter litres liters 升=1; ml mL millilitre milliliter 毫升=1/1000;
    m3 m³ cubic_metre cubic_meter 立方米=1000; cm3 cm³ cc 立方厘米=1/1000;
    gal gallon gallons 加仑=3785411784/1000000000; qt quart=946352946/1000000000;
    pt pint pints 品脱=473176473/1000000000; cup cups 杯=2365882365/10000000000;
    floz fl_oz 液盎司=295735295625/10000000000000;
    tbsp tablespoon 汤匙=1478676478125/100000000000000;
    tsp teaspoon 茶匙=492892159375/100000000000000;
time:
    s sec second seconds 秒=1; ms millisecond milliseconds 毫秒=1/1000;
    min minute minutes 分钟 分=60; h hr hour hours 小时 时=3600; d day days 天 日=86400;
    week weeks 周 星期=604800; year years 年=31557600;
speed:
    m/s mps 米/秒 米每秒=1; km/h kmh kph 公里/小时 千米/小时 公里每小时=1/3.6;
    mph 英里/小时 英里每小时=44704/100000; kn knot knots 节=1852/3600;
data:
    B byte bytes 字节=1; bit bits 比特=1/8; kB KB kilobyte 千字节=1000;
    MB megabyte 兆字节 兆=1000000; GB gigabyte 吉字节=1000000000;
    TB terabyte 太字节=1000000000000; KiB=1024; MiB=1048576; GiB=1073741824; TiB=1099511627776;
energy:
    J joule joules 焦耳 焦=1; kJ kilojoule 千焦=1000; cal calorie calories 卡 卡路里=4184/1000;
    kcal 千卡 大卡=4184; Wh 瓦时=3600; kWh 千瓦时 度=3600000;
    eV 电子伏=1602176634/10000000000000000000000000000;
power:
    W watt watts 瓦 瓦特=1; kW kilowatt kilowatts 千瓦=1000; MW megawatt 兆瓦=1000000;
    hp horsepower 英制马力=7456998715822702/10000000000000; ps 马力 公制马力=73549875/100000;
pressure:
    Pa pascal 帕 帕斯卡=1; kPa 千帕=1000; MPa 兆帕=1000000; bar 巴=100000;
    mbar hPa 毫巴 百帕=100; atm 标准大气压 大气压=101325; mmHg 毫米汞柱=133322387415/1000000000;
    psi=6894757293168/1000000000;
"""
"""A quantity, then its units: all names, and how many base units one is; "@" is its zero."""


def _units() -> Iterator[tuple[str, Unit]]:
    quantity = ""
    for line in _TABLE.strip().splitlines():
        if line.endswith(":"):
            quantity = line[:-1]
            continue
        for entry in filter(None, map(str.strip, line.split(";"))):
            names, _equals, worth = entry.rpartition("=")
            factor, _at, zero = worth.partition("@")
            top, _slash, bottom = factor.partition("/")
            unit = Unit(quantity, Fraction(top) / Fraction(bottom or 1), Fraction(zero or 0))
            for name in names.split():
                yield name.replace("_", " "), unit


_UNITS: Final[Mapping[str, Unit]] = dict(_units())
_ANY_CASE: Final[Mapping[str, Unit]] = {
    name.lower(): unit
    for name, unit in reversed(list(_UNITS.items()))
    if len(name) > 1 or name.isupper()
}


def convert(value: Fraction, source: str, target: str) -> Fraction:
    """Return ``value`` of one unit in another. Raises UnknownUnitError."""
    one, other = _unit(source), _unit(target)
    if one.quantity != other.quantity:
        raise UnknownUnitError(
            f"“{source}” measures {one.quantity}, “{target}” measures {other.quantity}"
        )
    return (value * one.factor + one.zero - other.zero) / other.factor


def _unit(name: str) -> Unit:
    bare = name.strip().replace("_", " ")
    for known, spelled in ((_UNITS, bare), (_ANY_CASE, bare.lower())):
        if spelled in known:
            return known[spelled]
    raise UnknownUnitError(f"the unit “{name.strip()[:40]}” is not known")
