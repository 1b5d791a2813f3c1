import Adaptation
package import SedgeCore
package import Store

/// What was learned about one stream, when, and from how much: a row of `sedge inspect`.
package struct LearnedStream: Codable, Sendable, Equatable {
    /// One stored part.
    package struct Part: Codable, Sendable, Equatable {
        package var name: String
        package var bytes: Int
        package var savedAt: Timestamp
        /// Why it is of no use; nil when it is sound.
        package var problem: String?

        private enum CodingKeys: String, CodingKey {
            case name, bytes
            case savedAt = "saved_at"
            case problem
        }
    }

    /// What tier 2 has made of it: a retrained last block, and the scorer on that.
    package struct Adapted: Codable, Sendable, Equatable {
        /// Otherwise it is on probation.
        package var isInUse: Bool
        package var steps: Int
        package var learnedSteps: Int
        /// When its scores became the stream's and what the decision rested on, by the names of `figures` in an insight;
        /// unknown where that insight is no longer kept, or was another box's.
        package var acceptedAt: Timestamp?
        package var figures: [String: Double]?

        private enum CodingKeys: String, CodingKey {
            case isInUse = "in_use"
            case steps
            case learnedSteps = "learned_steps"
            case acceptedAt = "accepted_at"
            case figures
        }
    }

    package var stream: StreamID
    package var topic: String?
    package var firstSeen: Timestamp?
    package var lastSeen: Timestamp?
    package var model: String?
    /// What was learned belongs to this shape of a stream.
    package var shape: String?
    package var stepSeconds: Double?
    package var phase: StreamPhase?
    package var steps: Int?
    package var learnedSteps: Int?
    /// The state it was in last, as people see it, and how many are known.
    package var state: String?
    package var states: Int?
    package var stateNames: [String: String] = [:]
    package var isAlarming: Bool?
    package var isDrifting: Bool?
    package var forecastSteps: Int?
    package var rememberedSteps: Int?
    package var adapted: Adapted?
    /// Segments kept to retrain on, of any encoder.
    package var replay = 0
    /// Feedback that counts: verdicts by kind, labels by name.
    package var normal = 0
    package var anomaly = 0
    package var labels: [String: Int] = [:]
    package var revoked = 0
    package var lastFeedback: Timestamp?
    /// Of the insights that are kept.
    package var alarms = 0
    package var adaptations = 0
    package var parts: [Part] = []

    private enum CodingKeys: String, CodingKey {
        case stream, topic
        case firstSeen = "first_seen"
        case lastSeen = "last_seen"
        case model, shape
        case stepSeconds = "step_s"
        case phase, steps
        case learnedSteps = "learned_steps"
        case state, states
        case stateNames = "state_names"
        case isAlarming = "alarming"
        case isDrifting = "drifting"
        case forecastSteps = "forecast_steps"
        case rememberedSteps = "remembered_steps"
        case adapted, replay, normal, anomaly, labels, revoked
        case lastFeedback = "last_feedback"
        case alarms, adaptations, parts
    }

    /// Every stream of which the store knows anything, by name.
    package static func all(in store: Store) throws(StoreError) -> [LearnedStream] {
        let (known, loaded, feedback) = (try store.streams(), try store.loadCheckpoints(), try store.feedback())
        let sizes = try store.checkpointSizes()
        var ids = Set(known.map(\.id)).union(loaded.checkpoints.map(\.stream)).union(feedback.map(\.stream))
        ids.formUnion(sizes.compactMap { try? StreamID($0.stream) })
        var result: [LearnedStream] = []
        for id in ids.sorted() {
            var row = LearnedStream(stream: id)
            if let stream = known.first(where: { $0.id == id }) {
                (row.topic, row.firstSeen, row.lastSeen) = (stream.topic, stream.firstSeen, stream.lastSeen)
            }
            row.note(sizes.filter { $0.stream == id.description }, damaged: loaded.damaged)
            row.note(feedback.filter { $0.stream == id })
            row.note(loaded.checkpoints.filter { $0.stream == id })
            if row.adapted?.isInUse == true, let model = row.model,
                let accepted = try store.acceptedAdaptation(of: id, model: model)
            {
                row.adapted?.acceptedAt = accepted.ts
                row.adapted?.figures = accepted.figures
            }
            row.replay = try store.replayCount(of: id)
            row.alarms = try store.insightCount(of: id, kind: .anomaly, phase: .start)
            row.adaptations = try store.insightCount(of: id, kind: .adaptation, phase: .point)
            result.append(row)
        }
        return result
    }

    private init(stream: StreamID) { self.stream = stream }

    private mutating func note(_ sizes: [CheckpointSize], damaged: [String]) {
        parts = sizes.map { size in
            Part(
                name: size.part, bytes: size.bytes, savedAt: size.savedAt,
                problem: damaged.contains("\(stream)/\(size.part)") ? "its checksum is wrong" : nil)
        }
    }

    private mutating func note(_ feedback: [StoredFeedback]) {
        lastFeedback = feedback.map(\.receivedAt).max()
        for entry in feedback {
            guard entry.revokedBy == nil else {
                revoked += 1
                continue
            }
            switch entry.kind {
            case .normal: normal += 1
            case .anomaly: anomaly += 1
            case .label:
                labels[entry.name ?? "", default: 0] += 1
                if let state = entry.state { stateNames["state-\(state)"] = entry.name }
            }
        }
    }

    private mutating func note(_ checkpoints: [Checkpoint]) {
        func data(_ part: String) -> [UInt8]? { checkpoints.first { $0.part == part }?.data }
        /// Reads a part; what it can not be is noted with the part.
        func read(_ part: String, _ body: ([UInt8]) throws -> Void) {
            guard let bytes = data(part) else { return }
            do {
                try body(bytes)
            } catch {
                if let index = parts.firstIndex(where: { $0.name == part }) { parts[index].problem = "\(error)" }
            }
        }
        read("stream") {
            let snapshot = try StreamSnapshot($0)
            (model, shape, stepSeconds) = (snapshot.model, snapshot.shape, snapshot.stepSeconds)
        }
        var configuration: LearnerConfiguration?
        read("learner") {
            let shape = try StreamLearner.shape(of: $0, stepSeconds: stepSeconds ?? 1)
            configuration = shape
            let learner = try StreamLearner(shape, restoring: $0)
            let figures = learner.figures
            phase = learner.isCalibrated ? .ready : .learning
            (steps, learnedSteps, states) = (figures.steps, figures.learned, figures.states)
            (isAlarming, isDrifting) = (figures.isAlarming, figures.isDrifting)
            state = figures.state.map { stateNames[$0] ?? $0 }
        }
        guard let configuration else { return }
        read("forecast") {
            var forecaster = Forecaster(
                channels: configuration.channels, embeddingSize: configuration.embeddingSize,
                patch: configuration.patch, stepSeconds: configuration.stepSeconds)
            try forecaster.restore($0)
            forecastSteps = forecaster.learned
        }
        read("recent") {
            let features = StepFeatures(
                channels: configuration.channels, embeddingSize: configuration.embeddingSize,
                patch: configuration.patch)
            rememberedSteps = try RecentSteps(dimension: features.dimension, restoring: $0).count
        }
        read("adapted") {
            // Empty where there was one once, and is none.
            guard !$0.isEmpty else { return }
            let found = try AdaptedScorer.figures(of: $0, stepSeconds: configuration.stepSeconds)
            if let model, found.model != model {
                throw SnapshotError.impossible("it belongs to \(found.model), the stream to \(model)")
            }
            adapted = Adapted(
                isInUse: found.isActive, steps: found.learner.steps, learnedSteps: found.learner.learned)
        }
    }
}
