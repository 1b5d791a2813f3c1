import Messaging
import SedgeCore

/// What the agent's own topics say, read from captured messages: the latest of each.
struct AgentMessages: Equatable {
    private(set) var availability: String?
    /// The first that was not kept by the broker.
    private(set) var firstHealth: Health?
    private(set) var lastHealth: Health?
    private(set) var states: [StreamID: StateReport] = [:]

    /// `statePrefix`: of the states' topics, with its slash.
    init(_ messages: [CapturedMessage], topics: Topics, statePrefix: String) {
        let root = Array("\(topics.base)/\(topics.node)/".utf8)
        for message in messages where message.topic.starts(with: root) {
            let topic = message.topicText
            if topic == topics.availability {
                availability =
                    message.payload.isEmpty ? nil : String(decoding: message.payload.prefix(80), as: UTF8.self)
            } else if topic == topics.health {
                guard let health = try? PayloadJSON.decode(Health.self, from: message.payload) else { continue }
                lastHealth = health
                if !message.isRetained { firstHealth = firstHealth ?? health }
            } else if topic.hasPrefix(statePrefix), let id = try? StreamID(String(topic.dropFirst(statePrefix.count))) {
                // An empty message clears the topic: the stream has left.
                states[id] = try? PayloadJSON.decode(StateReport.self, from: message.payload)
            }
        }
    }
}
