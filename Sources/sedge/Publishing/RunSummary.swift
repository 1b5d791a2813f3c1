import SedgeCore

/// What a run of `simulate` or `replay` did.
struct RunSummary: Encodable, Equatable {
    /// Messages handed over.
    var messages: Int
    /// Rows without any value, which were not sent.
    var skipped: Int
    /// Wall-clock time from the first message to the last receipt.
    var seconds: Double
    /// Messages for which the broker gave a receipt: all with QoS 1, only the last one with QoS 0.
    var acknowledged: Int
    var streams: Int

    var messagesPerSecond: Double { seconds > 0 ? Double(messages) / seconds : 0 }

    private enum CodingKeys: String, CodingKey {
        case messages, skipped, seconds, acknowledged, streams
        case messagesPerSecond = "messages_per_second"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(messages, forKey: .messages)
        try container.encode(skipped, forKey: .skipped)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(acknowledged, forKey: .acknowledged)
        try container.encode(streams, forKey: .streams)
        try container.encode(messagesPerSecond, forKey: .messagesPerSecond)
    }

    /// JSON on stdout, or a line on stderr.
    func report(asJSON: Bool) {
        if asJSON {
            Terminal.writeOutput(String(decoding: PayloadJSON.encode(self), as: UTF8.self) + "\n")
        } else {
            Terminal.writeError(line + "\n")
        }
    }

    /// `5,000 messages of 3 streams in 12.1 s (413/s), 5,000 acknowledged`
    var line: String {
        let tenths = Int((seconds * 10).rounded())
        var text = "\(ProgressBar.grouped(messages)) messages of \(streams) stream\(streams == 1 ? "" : "s")"
        text += " in \(tenths / 10).\(tenths % 10) s (\(ProgressBar.grouped(Int(messagesPerSecond.rounded())))/s)"
        text += ", \(ProgressBar.grouped(acknowledged)) acknowledged"
        if skipped > 0 { text += ", \(ProgressBar.grouped(skipped)) rows without values skipped" }
        return text
    }
}
