"""``python -m progflow.translations``: bring the catalogues that progflow ships up to date, and compile them."""

from pathlib import Path

from progflow.translations import ENGLISH
from progflow.translations.files import compiled, merged
from progflow.translations.shipped import shipped_messages


def main() -> None:
    """Refresh and compile every shipped catalogue."""
    locale = Path(__file__).parents[1] / "locale"
    messages = shipped_messages()
    for language in sorted(one.name for one in locale.iterdir() if one.is_dir()):
        offered = () if language == ENGLISH else messages  # in English only what somebody says in their own way
        print(merged(locale, language, offered, messages))
    for file in compiled(locale):
        print(file)


if __name__ == "__main__":
    main()
