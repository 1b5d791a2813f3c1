import Ingest
import SedgeCore

extension CodecSettings {
    /// Columns in the order of the stream's channel names.
    init(_ stream: StreamConfiguration) {
        self.init(
            kind: stream.codec,
            channels: stream.channelNames.map { ChannelPath(name: $0, path: stream.channels[$0]!) },
            time: stream.time)
    }
}
