"""What the pages say around the figures, in Japanese, やさしい日本語 and English."""

from __future__ import annotations

from typing import Final

from hub.display.span_figure import Span
from hub.judgement import Level
from hub.live import Liveness
from hub.words import Words

TITLE: Final = Words(ja="街のいま", easy="街（まち）の いま", en="The city now")
DEMO: Final = Words(
    ja="デモ：シミュレーションのデータです",
    easy="デモ：ほんものの データでは ありません",
    en="Demo: the data are simulated",
)
CUT: Final = Words(
    ja="サーバーと通信できません。表示は古い情報です",
    easy="サーバーと つながりません。ここに あるのは 古（ふる）い 情報（じょうほう）です",
    en="The server does not answer. What you see is old",
)
CUT_SINCE: Final = Words(ja="最後の通信", easy="さいごに つながった 時間（じかん）", en="last contact")
CONNECTING: Final = Words(ja="接続しています…", easy="つないで います…", en="Connecting…")
CONNECTED: Final = Words(ja="自動で更新しています", easy="じどうで 新（あたら）しく なります", en="Updating by itself")
NO_SCRIPT: Final = Words(
    ja="JavaScript が無効のため自動では更新されません。表示は {} のものです。再読み込みしてください。",
    easy="この ページは じどうで かわりません。{} の 情報（じょうほう）です。もういちど ひらいて ください。",
    en="JavaScript is off, so this page does not update by itself. It shows {}; reload it for news.",
)
SKIP: Final = Words(ja="本文へ", easy="本文（ほんぶん）へ", en="Skip to content")
LANGUAGE: Final = Words(ja="言語", easy="ことば", en="Language")
BACK: Final = Words(ja="全体へ戻る", easy="もどる", en="Back to the whole city")
DETAILS: Final = Words(ja="詳しく", easy="くわしく", en="Details")
SERVER_TIME: Final = Words(ja="現在時刻", easy="いまの 時間（じかん）", en="Server time")
HEARD: Final = Words(ja="最終受信", easy="さいごに きた 時間（じかん）", en="Last heard")
NEVER: Final = Words(ja="なし", easy="まだ ありません", en="never")
STALE: Final = Words(ja="情報が古くなっています", easy="情報（じょうほう）が 古（ふる）いです", en="The data are old")
GONE: Final = Words(ja="情報がありません", easy="今（いま）、わかりません", en="No information")
UNKNOWN: Final = Words(ja="不明", easy="わかりません", en="unknown")
YES: Final = Words(ja="はい", easy="はい", en="yes")
NO: Final = Words(ja="いいえ", easy="いいえ", en="no")
SINCE: Final = Words(ja="から", easy="から", en="since")
MAP: Final = Words(ja="収集車の位置", easy="ごみの 車（くるま）は どこ", en="Where the trucks are")
MAP_NOTE: Final = Words(
    ja="●収集場所　■施設。灰色は古い位置です",
    easy="●ごみを 集（あつ）める ところ　■たてもの。灰色（はいいろ）は 古（ふる）い 場所（ばしょ）です",
    en="● collection points  ■ facilities. Grey: an old position",
)
OFF_THE_MAP: Final = Words(
    ja="地図の外または位置不明", easy="地図（ちず）に ありません", en="Not on the map or not known"
)
ALERTS: Final = Words(ja="いま知っておくこと", easy="いま 知（し）って おくこと", en="What to know now")
NO_ALERTS: Final = Words(
    ja="お知らせはありません", easy="お知（し）らせは ありません", en="Nothing to report at present"
)
MORE: Final = Words(ja="ほか{}件", easy="ほかに {}こ", en="{} more")
DEVICES_HEARD: Final = Words(ja="受信中", easy="データが きている きかい", en="Devices heard")
LEVELS_NEED: Final = Words(ja="注意・警戒", easy="注意（ちゅうい）", en="Caution or serious")
COUNT_ALERTS: Final = Words(ja="お知らせ", easy="お知（し）らせ", en="Alerts")

FIGURES: Final = Words(ja="現在の値", easy="いまの 数字（すうじ）", en="Figures now")
CHARTS: Final = Words(ja="推移", easy="うつりかわり", en="Over time")
NO_POINTS: Final = Words(
    ja="この期間のデータはありません", easy="この 時間（じかん）の データは ありません", en="No data in this period"
)
TOO_MANY: Final = Words(ja="一部のみ表示", easy="いちぶだけ", en="only in part")
RANGE: Final = Words(ja="期間", easy="時間（じかん）", en="Period")
RANGES: Final[dict[str, Words]] = {
    "1h": Words(ja="1時間", easy="1時間（じかん）", en="1 hour"),
    "6h": Words(ja="6時間", easy="6時間（じかん）", en="6 hours"),
    "24h": Words(ja="24時間", easy="24時間（じかん）", en="24 hours"),
}
SPANS: Final[dict[Span, Words]] = {
    "1d": Words(ja="1日", easy="1日（いちにち）", en="1 day"),
    "7d": Words(ja="7日間", easy="7日（なのか）", en="7 days"),
    "30d": Words(ja="30日間", easy="30日（にち）", en="30 days"),
    "campaign": Words(ja="計測開始から", easy="はじめから ぜんぶ", en="Since the beginning"),
}
NEWEST: Final = Words(ja="最後の値：{}", easy="さいごの データ：{}", en="Last value, {}")
AS_FILE: Final = Words(ja="この図を保存：", easy="この 図（ず）を とっておく：", en="This figure as a file:")
COMPLETENESS: Final = Words(ja="データの完全性", easy="データは ぜんぶ あるか", en="Completeness of the data")
COMPLETE: Final = Words(
    ja="欠けはありません（{}件すべて確認済み）",
    easy="ぜんぶ あります（{}こ）",
    en="Nothing is missing: all {} are accounted for",
)
INCOMPLETE: Final = Words(
    ja="{}件がまだ届いていません（番号 {}）",
    easy="{}こが まだ とどいて いません（番号（ばんごう）{}）",
    en="{} have not arrived yet (numbers {})",
)
NO_BOOKS: Final = Words(
    ja="まだ記録を受信していません", easy="まだ なにも とどいて いません", en="No record received yet"
)
EPOCH: Final = Words(ja="系列", easy="あつまり", en="Epoch")
STORED: Final = Words(ja="保存", easy="ほぞん", en="Stored")
REFUSED: Final = Words(ja="拒否", easy="うけとれない", en="Refused")
LOST: Final = Words(ja="喪失（装置が申告）", easy="なくなった", en="Lost (declared)")
MISSING: Final = Words(ja="未着", easy="まだ", en="Missing")
THE_DEVICE: Final = Words(ja="装置の状態", easy="きかいの ようす", en="The device itself")
NO_HEALTH: Final = Words(ja="まだ報告がありません", easy="まだ わかりません", en="No report yet")

CLOCK: Final = Words(ja="時計", easy="時計（とけい）", en="Clock")
CLOCKS: Final[dict[str, Words]] = {
    "synchronised": Words(ja="同期済み", easy="あって います", en="synchronised"),
    "holdover": Words(ja="保持中（同期なし）", easy="たぶん あって います", en="held over"),
    "unknown": Words(ja="時刻不明", easy="わかりません", en="not known"),
}
UPTIME: Final = Words(ja="稼働時間", easy="うごいている 時間（じかん）", en="Running for")
OUTBOX: Final = Words(ja="未送信の記録", easy="まだ おくって いない データ", en="Records not yet sent")
CPU: Final = Words(ja="CPU使用率", easy="CPU", en="Processor load")
MEMORY: Final = Words(ja="メモリ使用率", easy="メモリ", en="Memory in use")
DISK: Final = Words(ja="空きディスク", easy="ディスクの あき", en="Free disk")
BOARD_TEMPERATURE: Final = Words(ja="基板温度", easy="きかいの 温度（おんど）", en="Board temperature")
REFUSED_HERE: Final = Words(ja="装置が拒否した記録", easy="きかいが すてた データ", en="Refused on the device")

LEVELS: Final[dict[Level, Words]] = {
    "good": Words(ja="良好", easy="よい", en="Good"),
    "notice": Words(ja="やや注意", easy="すこし 注意（ちゅうい）", en="Notice"),
    "warning": Words(ja="注意", easy="注意（ちゅうい）", en="Caution"),
    "bad": Words(ja="警戒", easy="とても 注意（ちゅうい）", en="Serious"),
    "unknown": Words(ja="不明", easy="わかりません", en="Unknown"),
}
LIVENESS: Final[dict[Liveness, Words]] = {
    "live": Words(ja="受信中", easy="データが きています", en="Live"),
    "silent": Words(ja="通信なし", easy="データなし", en="Silent"),
    "offline": Words(ja="停止中", easy="とまっています", en="Off"),
    "never": Words(ja="未受信", easy="まだ", en="Not yet"),
}
SEVERITIES: Final[dict[str, Words]] = {
    "info": Words(ja="情報", easy="お知（し）らせ", en="Info"),
    "warning": Words(ja="注意", easy="注意（ちゅうい）", en="Caution"),
    "critical": Words(ja="緊急", easy="いそぎ", en="Urgent"),
}
AGES: Final[dict[str, Words]] = {
    "now": Words(ja="いま", easy="いま", en="now"),
    "s": Words(ja="{}秒前", easy="{}秒（びょう）まえ", en="{} s ago"),
    "m": Words(ja="{}分前", easy="{}分（ふん）まえ", en="{} min ago"),
    "h": Words(ja="{}時間前", easy="{}時間（じかん）まえ", en="{} h ago"),
    "d": Words(ja="{}日前", easy="{}日（にち）まえ", en="{} d ago"),
}
"""The browser counts with these; the server writes times of day."""
DEVICES: Final = Words(ja="装置", easy="きかい", en="Devices")
WALL: Final = Words(ja="運用状況", easy="きかいの ようす", en="Operations")
INBOX: Final = Words(ja="ハブの受信待ち", easy="ハブで まっている データ", en="Waiting in the hub")
BACKLOG: Final = Words(ja="装置の未送信", easy="まだ おくって いない データ", en="Not yet sent by devices")
BROKER: Final = Words(ja="ブローカー", easy="つなぐ きかい", en="Broker")
BROKER_HERE: Final = Words(ja="接続中", easy="つながって います", en="connected")
BROKER_AWAY: Final = Words(ja="切断", easy="つながりません", en="away")
QUARANTINED: Final = Words(ja="隔離", easy="わけた データ", en="Quarantined")
ALL_THERE: Final = Words(ja="欠けなし", easy="ぜんぶ あります", en="complete")
HOLES: Final = Words(ja="未着{}", easy="まだ {}", en="{} missing")
NO_BOARD: Final = Words(
    ja="この名前の施設の表示はありません",
    easy="その たてものの ページは ありません",
    en="There is no board of this facility",
)
NOT_FOUND: Final = Words(
    ja="この名前の装置はありません", easy="その きかいは ありません", en="There is no device of this name"
)
