"""The script people write: paho reads JSON readings, influxdb-client writes points in its batching mode.

Settings: both libraries' documented defaults (`WriteOptions()` batches 1,000 points or one second), QoS 1. It acks a
message to the broker when it has read it, not when it is stored.
"""

import argparse
import json
import signal
import threading

import paho.mqtt.client as mqtt
from influxdb_client import InfluxDBClient, Point, WritePrecision
from influxdb_client.client.write_api import WriteOptions
from paho.mqtt.enums import CallbackAPIVersion


def main() -> None:
    """Run until told to end by SIGTERM."""
    parser = argparse.ArgumentParser(description="MQTT JSON readings into InfluxDB")
    parser.add_argument("--mqtt-host", required=True)
    parser.add_argument("--mqtt-port", type=int, required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--influx-url", required=True)
    parser.add_argument("--bucket", required=True)
    asked = parser.parse_args()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())

    with InfluxDBClient(url=asked.influx_url, token="", org="-") as influx:
        write_api = influx.write_api(write_options=WriteOptions())

        def on_connect(client: mqtt.Client, *_: object) -> None:
            client.subscribe(asked.topic, qos=1)

        def on_subscribe(*_: object) -> None:
            print("subscribed", flush=True)

        def on_message(_client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
            payload = json.loads(message.payload)
            points = [
                Point("reading")
                .tag("device", reading["device"])
                .field("value", reading["value"])
                .time(reading["time_ms"], WritePrecision.MS)
                for reading in (payload if isinstance(payload, list) else [payload])
            ]
            write_api.write(bucket=asked.bucket, record=points, write_precision=WritePrecision.MS)

        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="paho-influx-script")
        client.on_connect = on_connect
        client.on_subscribe = on_subscribe
        client.on_message = on_message
        client.connect(asked.mqtt_host, asked.mqtt_port)
        client.loop_start()
        ended.wait()
        client.loop_stop()
        write_api.close()


if __name__ == "__main__":
    main()
