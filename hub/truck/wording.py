"""What the pages say about a truck, in Japanese, やさしい日本語 and English."""

from __future__ import annotations

from hub.words import Words

STATE = Words(ja="状態", easy="いま", en="State")
SERVED = Words(ja="収集済み", easy="集（あつ）めた ところ", en="Points served")
PROGRESS = Words(ja="進み具合", easy="どのくらい 進（すす）んだか", en="Progress")
SPEED = Words(ja="速度", easy="速（はや）さ", en="Speed")
DISTANCE = Words(ja="走行距離", easy="走（はし）った 長（なが）さ", en="Distance driven")
FIX = Words(ja="測位", easy="場所（ばしょ）が わかるか", en="Position fix")
ROUND = Words(ja="収集コース", easy="集（あつ）める コース", en="Round")
NEXT = Words(ja="次の収集場所", easy="つぎに 集（あつ）める ところ", en="Next point")

MOVING = Words(ja="走行中", easy="走（はし）って います", en="Moving")
STANDING = Words(ja="停車中", easy="止（と）まって います", en="Standing")
COLLECTING = Words(ja="収集中", easy="ごみを 集（あつ）めて います", en="Collecting")
UNKNOWN = Words(ja="不明", easy="わかりません", en="Not known")
NOTHING_YET = Words(
    ja="まだ記録がありません", easy="車（くるま）から まだ 連絡（れんらく）が ありません", en="Nothing heard yet"
)
SILENT = Words(
    ja="車両からの通信が途絶えています", easy="車（くるま）から 連絡（れんらく）が ありません", en="The truck is silent"
)
NO_FIX = Words(ja="位置を測れません", easy="車（くるま）の 場所（ばしょ）が わかりません", en="No position fix")
OFF_THE_ROUND = Words(
    ja="収集コースから離れています",
    easy="いつもの 道（みち）から 離（はな）れて います",
    en="Off the round",
)
FIX_KINDS = {
    "none": Words(ja="測位できません", easy="わかりません", en="none"),
    "2d": Words(ja="測位中（水平のみ）", easy="だいたい わかります", en="2D"),
    "3d": Words(ja="測位中", easy="わかります", en="3D"),
}


def collecting_at(point: Words) -> Words:
    """The truck collects at a point."""
    return Words(
        ja=f"{point.ja}で収集中", easy=f"{point.easy}で ごみを 集（あつ）めて います", en=f"Collecting at {point.en}"
    )


def served_of(served: int, of: int) -> Words:
    """How many points of how many."""
    return Words(
        ja=f"{of}か所中{served}か所", easy=f"{of}か所（しょ）の うち {served}か所（しょ）", en=f"{served} of {of}"
    )


def code_as_words(code: str) -> Words:
    """A point that the city file does not name is called by its code."""
    return Words(ja=code, easy=code, en=code)
