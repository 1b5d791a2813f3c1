#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `mosquitto_sub` on a broker: a subscriber that nobody here wrote.
package final class Subscriber: Sendable {
    package struct Message: Sendable, Equatable {
        package let topic: String
        package let payload: String
        package let qos: Int
        package let isRetained: Bool
    }

    private let program: LaunchedProgram

    /// Returns when the broker has confirmed the subscriptions.
    package init(
        _ broker: MosquittoBroker, topics: [String], qos: Int = 1, arguments: [String] = []
    ) async throws {
        // Line buffering, since the confirmation would otherwise stay in a buffer; a mark tells messages from it.
        program = try Launcher.start(
            .tool("stdbuf"),
            ["-oL", Program.tool("mosquitto_sub").path, "-h", "127.0.0.1", "-p", "\(broker.port)", "-V", "5"]
                + ["-q", "\(qos)", "-d", "-F", Self.mark + "%r %q %t %p"] + topics.flatMap { ["-t", $0] } + arguments)
        let program = program
        let isReady = await eventually { program.output.contains("Subscribed (mid") || !program.isRunning }
        guard isReady, program.isRunning else {
            throw Launcher.Failure(description: "mosquitto_sub failed: \(program.errors)\(program.output)")
        }
    }

    private static let mark = "\u{1}"

    /// All messages so far, in order of arrival. A payload with line breaks is cut at the first.
    package var messages: [Message] {
        program.output.split(separator: "\n").compactMap { line in
            guard line.hasPrefix(Self.mark) else { return nil }
            let parts = line.dropFirst().split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4, let qos = Int(parts[1]) else { return nil }
            return Message(
                topic: String(parts[2]), payload: String(parts[3]), qos: qos, isRetained: parts[0] == "1")
        }
    }

    package func payloads(_ topic: String) -> [String] { messages.filter { $0.topic == topic }.map(\.payload) }

    package func stop() { program.kill9() }
}
