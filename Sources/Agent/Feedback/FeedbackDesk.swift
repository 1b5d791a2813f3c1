import Adaptation
import Logging
import SedgeCore
import Store
import Synchronization

/// Takes what people say through its stages: read, look up, commit, learn, answer. On the pipeline's thread, which waits
/// for none of them: what the store finds comes back by `replies`.
///
/// One at a time, so that a message that comes twice meets its own result. Committed before it is learned from, since
/// what is committed is learned again after a crash.
final class FeedbackDesk {
    private let pipeline: Pipeline
    private let inbox: FeedbackInbox
    private let writer: StoreWriter
    private let wakeup: Wakeup
    private let log: Logger
    /// False when the broker can not take it now.
    private let publish: (_ stream: String, _ payload: [UInt8]) -> Bool
    /// What waits for the store's thread.
    private var pending: Pending?
    private let replies = Replies()
    /// Answers that no broker has taken yet.
    private var answers: [(stream: String, payload: [UInt8])] = []
    private var rejections = LogLimit()

    private struct Pending {
        let stage: Stage
        let stream: StreamRuntime
    }

    private enum Stage {
        case verdict(Feedback)
        case entry(StoredFeedback, steps: Int)
        case revocation(of: StoredFeedback, by: String)
    }

    private enum Reply: Sendable {
        case found(InsightSpan?)
        case committed
        case failed(String)
    }

    /// A place for one reply.
    private final class Replies: Sendable {
        private let reply = Mutex<Reply?>(nil)
        func put(_ new: Reply) { reply.withLock { $0 = new } }
        func take() -> Reply? { reply.withLock { $0.take() } }
    }

    /// Answers that wait for a broker; a sender that gets none asks again.
    private static let answerLimit = 256

    /// Messages that are begun before samples and the watchdog have their turn.
    private static let messagesATurn = 16

    init(
        pipeline: Pipeline, inbox: FeedbackInbox, writer: StoreWriter, wakeup: Wakeup, log: Logger,
        publish: @escaping (_ stream: String, _ payload: [UInt8]) -> Bool
    ) {
        self.pipeline = pipeline
        self.inbox = inbox
        self.writer = writer
        self.wakeup = wakeup
        self.log = log
        self.publish = publish
    }

    /// Nothing is under way.
    var isIdle: Bool { pending == nil && inbox.isEmpty }

    /// Does what can be done now; where messages are left, the loop is woken for them.
    func work(now: Timestamp) {
        while let answer = answers.first, publish(answer.stream, answer.payload) { answers.removeFirst() }
        var begun = 0
        while true {
            if let waiting = pending {
                guard let reply = replies.take() else { return }
                pending = nil
                goOn(waiting, reply, now)
            } else if begun == Self.messagesATurn {
                if !inbox.isEmpty { wakeup.signal() }
                break
            } else if let message = inbox.next() {
                begun += 1
                begin(message, now)
            } else {
                break
            }
        }
        let dropped = inbox.takeDropped()
        if dropped > 0 { log.warning("feedback came too fast and is lost", metadata: ["count": "\(dropped)"]) }
    }

    // MARK: Stages

    private func begin(_ message: FeedbackInbox.Message, _ now: Timestamp) {
        func reject(_ id: String?, _ reason: String) {
            answer(message.stream, FeedbackAnswer(id: id, .rejected, reason))
        }
        guard message.length <= Feedback.payloadLimit else {
            return reject(nil, "found \(message.length) bytes, expected at most \(Feedback.payloadLimit)")
        }
        let feedback: Feedback
        do {
            feedback = try Feedback(payload: message.payload)
        } catch {
            return reject(error.id, error.reason)
        }
        guard let id = try? StreamID(message.stream), let stream = pipeline.stream(id) else {
            return reject(feedback.id, "the node has no stream of this name")
        }
        if let known = pipeline.book(of: id).answer(to: feedback) { return answer(message.stream, known) }
        // It would come at every connection, and "last" would name another anomaly each time.
        if message.isRetained { return reject(feedback.id, "it was retained: feedback is published without it") }
        switch feedback.content {
        case .revocation(let target):
            guard let entry = pipeline.book(of: id).entries.first(where: { $0.id == target }) else { return }
            ask(.revocation(of: entry, by: feedback.id), stream) { store in
                try store.revokeFeedback(target, of: id, by: feedback.id)
                return .committed
            }
        case .verdict(_, .lastInsight): lookUp(nil, feedback, stream)
        case .verdict(_, .insight(let insight)): lookUp(insight, feedback, stream)
        case .verdict(let verdict, .span(let span)):
            let kind = StoredFeedback.Kind(verdict)
            take(feedback, StoredFeedback(feedback, kind, span, of: id, now), stream)
        case .label(let name, let span):
            var entry = StoredFeedback(feedback, .label, span, of: id, now)
            entry.name = name
            take(feedback, entry, stream)
        }
    }

    private func lookUp(_ insight: String?, _ feedback: Feedback, _ stream: StreamRuntime) {
        let id = stream.id
        ask(.verdict(feedback), stream) { .found(try $0.insightSpan(insight, of: id)) }
    }

    private func goOn(_ waiting: Pending, _ reply: Reply, _ now: Timestamp) {
        // Meanwhile another configuration may have put another one in its place.
        let stream = pipeline.stream(waiting.stream.id) ?? waiting.stream
        switch (waiting.stage, reply) {
        case (.verdict(let feedback), .found(let insight)):
            guard case .verdict(let verdict, let subject) = feedback.content else { return }
            guard let insight else {
                let reason =
                    if case .insight(let id) = subject { "there is no insight \"\(id)\" of this stream" } else {
                        "the stream has had no anomaly"
                    }
                return answer(stream.id.description, FeedbackAnswer(id: feedback.id, .rejected, reason))
            }
            // What is not over lasts until now.
            let end = max(insight.start, insight.end ?? stream.status.ts)
            var entry = StoredFeedback(
                feedback, .init(verdict), TimeSpan(from: insight.start, to: end), of: stream.id, now)
            entry.insight = insight.id
            take(feedback, entry, stream)
        case (.entry(let entry, let steps), .committed): learn(entry, stream, steps)
        case (.revocation(let entry, let id), .committed): unlearn(entry, stream, by: id)
        case (.verdict(let feedback), .failed(let reason)):
            answer(stream.id.description, FeedbackAnswer(id: feedback.id, .rejected, reason))
        case (.entry(let entry, _), .failed(let reason)):
            answer(stream.id.description, FeedbackAnswer(id: entry.id, .rejected, reason))
        case (.revocation(_, let id), .failed(let reason)):
            answer(stream.id.description, FeedbackAnswer(id: id, .rejected, reason))
        default: preconditionFailure("the store answered \(reply) to \(waiting.stage)")
        }
    }

    /// Finds the steps that an entry is about, and commits it when it can be true.
    private func take(_ feedback: Feedback, _ entry: StoredFeedback, _ stream: StreamRuntime) {
        func reject(_ reason: String) {
            answer(stream.id.description, FeedbackAnswer(id: entry.id, .rejected, reason))
        }
        if let reason = pipeline.book(of: stream.id).contradiction(of: entry) { return reject(reason) }
        guard let recent = stream.recent, let learner = stream.learner, let remembered = recent.span else {
            return reject("nothing of this stream was seen yet")
        }
        let rows = recent.rows(in: entry.span)
        guard !rows.isEmpty else {
            return reject(
                "no step is remembered from \(entry.span.from.milliseconds) to \(entry.span.to.milliseconds): memory "
                    + "reaches from \(remembered.from.milliseconds) to \(remembered.to.milliseconds)")
        }
        var entry = entry
        entry.model = stream.model.name
        entry.state = Self.state(of: rows).map { "\($0)" }
        entry.examples =
            ExampleSet(
                rows, dimension: learner.featureDimension, background: recent.rows, isEvent: entry.kind != .label
            ).snapshot()
        let committed = entry
        ask(.entry(committed, steps: rows.count), stream) { store in
            try store.addFeedback(committed)
            return .committed
        }
    }

    /// The learned state that most of the steps were in.
    private static func state(of rows: [RecentSteps.Row]) -> Int? {
        let counts = Dictionary(grouping: rows.map(\.state), by: { $0 }).mapValues(\.count)
        guard let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }), most.key > 0,
            most.value * 3 >= rows.count * 2
        else { return nil }
        return most.key
    }

    private func learn(_ entry: StoredFeedback, _ stream: StreamRuntime, _ steps: Int) {
        pipeline.learn(entry, stream)
        let what = steps == 1 ? "1 step" : "\(steps) steps"
        let reason: String
        switch entry.kind {
        case .normal where stream.concerns(entry):
            pipeline.acceptPresentBehaviour(of: stream)
            reason = "\(what) and what the stream does now count as normal"
        case .normal: reason = "\(what) count as normal"
        case .anomaly:
            if stream.concerns(entry) { pipeline.refusePresentBehaviour(of: stream) }
            reason = "\(what) and what looks like them are kept from being learned as normal"
        case .label:
            reason = "\(what) are called so" + (entry.state.map { ", and so is state-\($0)" } ?? "")
        }
        answer(stream.id.description, FeedbackAnswer(id: entry.id, .accepted, reason))
    }

    private func unlearn(_ entry: StoredFeedback, _ stream: StreamRuntime, by id: String) {
        pipeline.unlearn(entry, stream, by: id)
        if entry.kind == .normal, stream.concerns(entry) { pipeline.refusePresentBehaviour(of: stream) }
        answer(stream.id.description, FeedbackAnswer(id: id, .revoked, "\"\(entry.id)\" no longer counts"))
    }

    // MARK: Outside

    private func ask(
        _ stage: Stage, _ stream: StreamRuntime, _ body: @escaping @Sendable (Store) throws -> Reply
    ) {
        pending = Pending(stage: stage, stream: stream)
        let isTaken = writer.perform { [replies, wakeup] store in
            do {
                replies.put(try body(store))
            } catch {
                replies.put(.failed("the store could not take it: \(error)"))
            }
            wakeup.signal()
        }
        if !isTaken { replies.put(.failed("the store has too much to do")) }
    }

    private func answer(_ stream: String, _ answer: FeedbackAnswer) {
        // Whoever floods the topic must not flood the log; the sender is told each time.
        if answer.status != .rejected || rejections.allows(now: SystemTime.monotonicNanoseconds()) {
            log.info(
                "feedback",
                metadata: [
                    "stream": "\(stream)", "id": "\(answer.id ?? "")", "status": "\(answer.status.rawValue)",
                    "reason": "\(answer.reason)",
                ])
        }
        let payload = PayloadJSON.encode(answer)
        if answers.isEmpty, publish(stream, payload) { return }
        if answers.count < Self.answerLimit { answers.append((stream, payload)) }
    }
}

extension StoredFeedback {
    fileprivate init(_ feedback: Feedback, _ kind: Kind, _ span: TimeSpan, of stream: StreamID, _ now: Timestamp) {
        self.init(
            stream: stream, id: feedback.id, receivedAt: now, kind: kind, span: span, model: "", examples: [])
    }
}

extension StoredFeedback.Kind {
    fileprivate init(_ verdict: FeedbackVerdict) {
        self =
            switch verdict {
            case .normal: .normal
            case .anomaly: .anomaly
            }
    }
}

extension StreamRuntime {
    /// Whether a verdict is about the anomaly that goes on now.
    fileprivate func concerns(_ entry: StoredFeedback) -> Bool {
        guard let open = policy.openEvent else { return false }
        return entry.insight.map { $0 == open.id } ?? entry.span.contains(status.ts)
    }
}
