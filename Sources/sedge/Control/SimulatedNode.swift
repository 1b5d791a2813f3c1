import Control
import Messaging
import SedgeCore
import Synchronization

/// A node without an agent: hears, decides and reports as one does, and puts everything to work at once.
final class SimulatedNode: Sendable {
    private struct State {
        var node: ControlNode
        /// When what is on trial is judged, on the clock that never jumps.
        var judgedAt: [ControlSubject: Int64] = [:]
        /// Reports that found no room yet.
        var unsent: [(topic: String, payload: [UInt8])] = []
    }

    /// Apart, so that the client's handlers do not hold the client.
    private final class Brain: Sendable {
        let state: Mutex<State>
        let topics: ControlTopics
        let canary: Int64
        let reverts: Bool

        init(_ node: ControlNode, _ topics: ControlTopics, canary: Int64, reverts: Bool) {
            state = Mutex(State(node: node))
            self.topics = topics
            self.canary = canary
            self.reverts = reverts
        }

        func received(_ topic: String, _ payload: [UInt8]) {
            state.withLock { state in
                switch topics.address(topic, node: state.node.node) {
                case .desired(let subject, let scope):
                    let now = SystemTime.now()
                    perform(state.node.received(payload, subject, scope, now: now, isClockSynced: true), &state)
                case .apply: perform(state.node.applyRequested(payload) ?? [], &state)
                case .part, nil: break
                }
            }
        }

        func announce() {
            state.withLock { state in
                for subject in ControlSubject.allCases {
                    report(subject, state.node.standing(subject, now: SystemTime.now()), &state)
                }
            }
        }

        func judge() {
            let now = SystemTime.monotonicNanoseconds()
            state.withLock { state in
                perform(state.node.tick(now: SystemTime.now(), isClockSynced: true), &state)
                for (subject, time) in state.judgedAt where now >= time {
                    state.judgedAt[subject] = nil
                    let problem = reverts ? "it was told to" : nil
                    perform(state.node.drive(subject) { $0.judged(problem: problem) }, &state)
                }
            }
        }

        private func perform(_ actions: [ControlNode.Action], _ state: inout State) {
            var queue = actions[...]
            while let action = queue.popFirst() {
                switch action {
                case .raise, .change, .audit, .recur, .postpone, .forgetPostponed: break
                case .report(let subject, let value): report(subject, value, &state)
                case .rollout(let subject, let action):
                    switch action {
                    case .keep, .record, .revert: break
                    case .fetch(let candidate):
                        let header = candidate.header
                        queue += state.node.drive(subject) {
                            $0.fetched(header.scope, version: header.version, problem: nil)
                        }
                    case .validate: queue += state.node.drive(subject) { $0.validated(problem: nil) }
                    case .stage: queue += state.node.drive(subject) { $0.staged(problem: nil) }
                    case .apply: queue += state.node.drive(subject) { $0.applied(problem: nil) }
                    case .watch: state.judgedAt[subject] = SystemTime.monotonicNanoseconds() + canary
                    case .report(let candidate):
                        report(subject, state.node.report(subject, candidate, now: SystemTime.now()), &state)
                    }
                }
            }
        }

        private func report(_ subject: ControlSubject, _ value: ReportedState, _ state: inout State) {
            state.unsent.append((topics.reported(subject, state.node.node), PayloadJSON.encode(value)))
        }
    }

    private let brain: Brain
    private let client: MQTTClient

    init(
        node: NodeID, groups: [GroupID], key: TrustedKey, base: String, settings: BrokerSettings,
        canarySeconds: Double, reverts: Bool
    ) {
        let topics = ControlTopics(base: base)
        let brain = Brain(
            ControlNode(node: node, groups: groups, keys: KeyRing(file: [key])), topics,
            canary: Int64(canarySeconds * 1e9), reverts: reverts)
        self.brain = brain
        client = MQTTClient(
            settings: settings, clientID: "sedge-\(node)", will: ("\(base)/\(node)/availability", Topics.offline),
            handlers: MQTTHandlers(
                onMessage: { topic, payload, _ in
                    brain.received(String(decoding: topic, as: UTF8.self), Array(payload))
                },
                onConnected: { brain.announce() }),
            seed: UInt64(ContentDigest(of: Array("\(node)".utf8)).hexadecimal.prefix(15), radix: 16) ?? 0,
            backoff: Backoff(minimum: .milliseconds(500), maximum: .seconds(5)))
        client.setSubscriptions(
            Dictionary(uniqueKeysWithValues: topics.subscriptions(node, groups: groups).map { ($0, 1) }))
    }

    func start() { client.start() }
    func stop() { client.stop(deadline: .milliseconds(200)) }
    var isConnected: Bool { client.isConnected }

    /// To be called about ten times a second.
    func tick() {
        brain.judge()
        brain.state.withLock { state in
            while let message = state.unsent.first,
                client.publish(topic: message.topic, payload: message.payload, qos: 1, retain: true)
            {
                state.unsent.removeFirst()
            }
        }
    }
}
