"""The language of the window: Qt translators, exchanged while it runs. The source strings are English."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

from assets import asset_bytes

LanguageName = Literal["system", "zh_CN", "en"]
Language = Literal["zh_CN", "en"]
LANGUAGES: tuple[Language, Language] = ("zh_CN", "en")


def resolve(name: LanguageName) -> Language:
    """The language to show: Chinese for every Chinese desktop, else English."""
    if name != "system":
        return name
    return "zh_CN" if QLocale.system().language() is QLocale.Language.Chinese else "en"


class Translation(QObject):
    """Installs the translators of one language; every widget hears of it as `LanguageChange`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._installed: list[QTranslator] = []
        # A translator reads from the bytes it was given, which have to outlive it.
        self._loaded: list[bytes] = []
        self.language: Language | None = None

    def choose(self, name: LanguageName) -> None:
        """Show the window in this language from now on. Raises: RuntimeError for a damaged file, a packaging bug."""
        language = resolve(name)
        if language == self.language:
            return
        self.language = language
        for translator in self._installed:
            QCoreApplication.removeTranslator(translator)
        self._installed.clear()
        QLocale.setDefault(QLocale(language))
        # Qt's own words, on standard buttons and in the menus of text fields.
        own = QTranslator(self)
        if own.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            self._install(own)
        ours = QTranslator(self)
        content = asset_bytes(f"i18n/tingban_{language}.qm")
        self._loaded.append(content)
        if not ours.load(content):
            raise RuntimeError(f"Qt does not take tingban_{language}.qm.")
        self._install(ours)

    def _install(self, translator: QTranslator) -> None:
        QCoreApplication.installTranslator(translator)
        self._installed.append(translator)
