"""Code pages of an RTF file: the file's own, and those of its fonts."""

from dataclasses import dataclass, field

from corpus.reading.decoding import guessed

# \fcharset → codec; those of Chinese fonts are what matters most
_FONT_CODECS = {
    0: "cp1252",
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    134: "gb18030",
    136: "big5hkscs",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
}
_PAGES = {936: "gb18030", 950: "big5hkscs", 932: "cp932", 949: "cp949", 65001: "utf-8", 10000: "mac_roman"}


@dataclass(slots=True)
class Charset:
    """codec  of the file, empty where it names none that is known; fonts  number → codec of its own"""

    codec: str = ""
    fonts: dict[int, str] = field(default_factory=dict)

    def set_page(self, page: int) -> None:
        """Take the code page that the file names."""
        self.codec = _PAGES.get(page) or (f"cp{page}" if page in (437, 850, *range(1250, 1259)) else self.codec)

    def set_font(self, font: int, charset: int) -> None:
        """Take a font's character set; an ANSI font (0) says nothing of Chinese letters, so the file's page counts."""
        if charset in _FONT_CODECS and charset not in (0, 1):
            self.fonts[font] = _FONT_CODECS[charset]

    def decoded(self, raw: bytes, font: int) -> str:
        """Text of bytes in a font; where they fit neither it nor the file's page, what they look like."""
        if raw.isascii():
            return raw.decode("ascii")
        for codec in filter(None, (self.fonts.get(font, self.codec), self.codec)):
            try:
                return raw.decode(codec)
            except UnicodeDecodeError:
                continue
        return guessed(raw)
