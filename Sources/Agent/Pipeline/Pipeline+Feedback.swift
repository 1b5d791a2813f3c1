import Adaptation
import Logging
import SedgeCore
import Store

extension Pipeline {
    /// The stream of this name, once it was seen.
    func stream(_ id: StreamID) -> StreamRuntime? { streams.first { $0.id == id } }

    /// What people said about a stream.
    func book(of id: StreamID) -> FeedbackBook { books[id] ?? FeedbackBook() }

    func learn(_ entry: StoredFeedback, _ stream: StreamRuntime) {
        books[entry.stream, default: FeedbackBook()].add(entry)
        teach(stream)
    }

    func unlearn(_ entry: StoredFeedback, _ stream: StreamRuntime, by revocation: String) {
        books[entry.stream]?.revoke(entry.id, by: revocation)
        teach(stream)
    }

    /// Gives a stream's learners what people said, all of it anew.
    func teach(_ stream: StreamRuntime) {
        guard let learner = stream.learner else { return }
        let shipped = stream.model.labels.flatMap { $0.dimension == learner.featureDimension ? $0 : nil }
        let (lessons, complaints) = book(of: stream.id).lessons(
            model: stream.model.name, dimension: learner.featureDimension, shipped: shipped)
        stream.learner?.teach(lessons)
        stream.model.tier2?.teach(lessons, of: stream.id)
        for complaint in complaints {
            log.warning("feedback is left out", metadata: ["stream": "\(stream.id)", "reason": "\(complaint)"])
        }
    }

    /// The anomaly that goes on is none: see `StreamLearner.acceptPresentBehaviour`.
    func acceptPresentBehaviour(of stream: StreamRuntime) {
        stream.learner?.acceptPresentBehaviour()
        stream.model.tier2?.acceptPresentBehaviour(of: stream.id)
    }

    func refusePresentBehaviour(of stream: StreamRuntime) {
        stream.learner?.refusePresentBehaviour()
        stream.model.tier2?.refusePresentBehaviour(of: stream.id)
    }
}
