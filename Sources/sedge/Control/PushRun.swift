import Control
import SedgeCore

/// Sends something to its nodes, stage by stage, and watches what they make of it.
struct PushRun {
    let connection: FleetConnection
    let topics: ControlTopics
    let subject: ControlSubject
    let stages: RolloutStages
    /// Seconds without news after which it is given up.
    let patience: Double
    /// The status at which a node is done.
    let goal: String
    /// Whether standard output gets a JSON object, in place of a sentence.
    let printsJSON: Bool
    /// Makes the envelope of a scope; `only`: the stage's nodes.
    let envelope: (_ scope: EnvelopeScope, _ highest: Int64, _ only: [NodeID]?) -> Envelope
    /// What else has to be published for a scope, before its envelope is of use.
    var companions: (_ scope: EnvelopeScope) -> [(topic: String, payload: [UInt8])] = { _ in [] }

    /// Ends when every node has it. Throws when one did not take it, or says nothing for too long.
    func run(_ scopes: [EnvelopeScope], inventory: FleetInventory) throws {
        var inventory = inventory
        let nodes = scopes.flatMap { inventory.members(of: $0) }
        let isGroup = !scopes.allSatisfy { if case .node = $0 { true } else { false } }
        if isGroup, nodes.isEmpty {
            Terminal.writeError("sedge: no node of \(scopes[0]) has reported yet; it is published for those to come\n")
        }
        var board = PushBoard(nodes: nodes, goal: goal)
        let screen = LiveTable()
        let start = SystemTime.monotonicNanoseconds()
        // However it ends.
        defer {
            screen.finish()
            if printsJSON { tell(board, since: start) }
        }
        var reached = 0
        let sizes = nodes.isEmpty ? [0] : stages.sizes(of: nodes.count)
        var highest: [EnvelopeScope: Int64] = [:]
        for scope in scopes { highest[scope] = inventory.highest(subject, scope) }
        for (index, size) in sizes.enumerated() {
            let isLast = index == sizes.count - 1
            let stage = Array(nodes[..<size])
            var open: String?
            for scope in isGroup ? scopes : stage[reached...].map(EnvelopeScope.node) {
                let made = envelope(scope, highest[scope] ?? 0, isGroup && !isLast ? stage : nil)
                highest[scope] = made.header.version
                board.sent(made.header.transaction, to: isGroup ? stage : inventory.members(of: scope))
                if isGroup, isLast { open = made.header.transaction }
                for companion in companions(scope) { try connection.publish(companion.topic, companion.payload) }
                try connection.publish(topics.desired(subject, scope), made.json())
            }
            reached = size
            var lastNews = SystemTime.monotonicNanoseconds()
            while !board.areDone(stage) {
                let now = SystemTime.monotonicNanoseconds()
                for message in connection.take(within: 100) {
                    guard let node = inventory.received(message.topic, message.payload),
                        let report = inventory.nodes[node]?.reports[subject]
                    else { continue }
                    board.heard(node, report, isOpen: open != nil, transaction: open ?? "")
                    lastNews = now
                }
                screen.show(title(index, sizes, nodes.count, board), board.lines(limit: 20))
                if let (node, row) = board.failure { throw stop(node, row, isLast, board) }
                if Interruption.isRequested { throw Failure(.unavailable, "interrupted: \(board.summary)") }
                if Double(now - lastNews) / 1e9 > patience {
                    throw Failure(.unavailable, "no news for \(Int(patience)) s: \(board.summary)")
                }
            }
        }
        screen.finish()
        if !printsJSON {
            Terminal.writeOutput("\(goal) on \(nodes.count) nodes after \(Self.seconds(since: start)) s\n")
        }
    }

    private func tell(_ board: PushBoard, since start: Int64) {
        let outcome = Outcome(goal: goal, seconds: Self.seconds(since: start), nodes: board.listing)
        Terminal.writeOutput(String(decoding: PayloadJSON.encode(outcome), as: UTF8.self) + "\n")
    }

    /// Of the time since a start, to the hundredth.
    private static func seconds(since start: Int64) -> Double {
        (Double(SystemTime.monotonicNanoseconds() - start) / 1e7).rounded() / 100
    }

    /// How it ended, for scripts.
    private struct Outcome: Encodable {
        let goal: String
        let seconds: Double
        let nodes: [PushBoard.Listing]
    }

    private func title(_ index: Int, _ sizes: [Int], _ total: Int, _ board: PushBoard) -> String {
        let stage = sizes.count > 1 ? "stage \(index + 1) of \(sizes.count) (\(sizes[index]) of \(total) nodes): " : ""
        return stage + board.summary
    }

    private func stop(_ node: NodeID, _ row: PushBoard.Row, _ isLast: Bool, _ board: PushBoard) -> Failure {
        let rest = isLast ? "" : "; the stages that follow are not sent"
        return Failure(.data, "\(node) \(row.status) it: \(row.reason ?? "no reason given")\(rest) (\(board.summary))")
    }
}
