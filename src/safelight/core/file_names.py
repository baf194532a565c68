"""What file and folder names reveal: copies, pictures sent by messengers, collecting folders.

Names are compared case-folded and in Unicode form KC. The words are those that systems and programs use in
the most common languages. Names in other languages simply give no information.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

# Downloads; folders of messengers and other programs; temporary folders; copies of everything.
_COLLECTING = """
    download downloads downloaded heruntergeladen téléchargements descargas transferências scaricati
    gedownload pobrane stažené hämtningar overførsler nedlastinger lataukset загрузки завантаження
    indirilenler λήψεις ダウンロード 下载 下載 다운로드 التنزيلات
    whatsapp telegram messenger viber wechat weixin 微信 received airdrop bluetooth attachments
    tmp temp temporary temporär temporaire temporal temporanei cache trash recycled incoming unsorted
    backup backups sicherung sicherungen datensicherung sauvegarde sauvegardes respaldo
    reservekopie säkerhetskopia yedek yedekler резервная бэкап бекап バックアップ 备份 備份 백업
"""

_COPY_OF = (
    "copy of",
    "kopie von",
    "kopie van",
    "copie de",
    "copia de",
    "copia di",
    "cópia de",
    "kopia av",
    "kopia",
    "kopi av",
    "копия",
    "копія",
)

_COPY = r"(?:copy|kopie|copie|copia|cópia|kopia|kopi|копия|копія|kopya|コピー|副本|拷贝|복사본)"


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(_normal(word)) for word in sorted(words, key=len, reverse=True))


_COLLECTING_FOLDER = re.compile(rf"(?:{_any_of(_COLLECTING.split())}|(?:{_any_of(_COPY_OF)})\s.+)(?![^\W\d])")
_NAMED_COPY = re.compile(
    rf"(?:{_any_of(_COPY_OF)})\s.+"  # "Copy of IMG_1234"
    rf"|.*[\s_–—-]+\(?{_normal(_COPY)}\)?(?:[\s_-]*\(?\d{{1,3}}\)?)?"  # "IMG_1234 - Copy (2)"
    r"|.*(?:のコピー|的副本)"
    r"|.*\S\s*\(\d{1,3}\)"  # "IMG_1234 (1)"
    r"|.*\S~\d{1,3}"  # "IMG_1234~2", from Android
)
_SENT = re.compile(
    r"img-\d{8}-wa\d+.*"  # WhatsApp
    r"|(?:fb_img|received|signal|telegram|viber|mmexport|wx_camera)[_-].*"
    r"|photo_\d{4}-\d\d-\d\d_.*"  # Telegram
    r"|(?:unnamed|image|download|photo)(?:[\s_-]?\d{0,3})"
    r"|[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


def collecting_folders(path: str) -> tuple[str, ...]:
    """The parent folders of a file that merely collect files, as written: ``Downloads``, ``WhatsApp Images``,
    ``Backup 2019``, ``Copy of Holiday``.
    """
    return tuple(name for name in PurePath(path).parts[:-1] if _COLLECTING_FOLDER.match(_normal(name)))


def named_as_copy(path: str) -> bool:
    """Whether the name is one that systems give to copies: ``IMG_1234 (1)``, ``IMG_1234 - Copy``."""
    return _NAMED_COPY.fullmatch(_normal(PurePath(path).stem)) is not None


def named_by_sender(path: str) -> bool:
    """Whether the name comes from a messenger or browser rather than a camera or a person."""
    return _SENT.fullmatch(_normal(PurePath(path).stem)) is not None
