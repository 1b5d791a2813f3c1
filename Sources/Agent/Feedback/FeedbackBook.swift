import Adaptation
import SedgeCore
import Store

/// What people said about one stream, and the rules by which more of it is taken. Pure.
struct FeedbackBook {
    /// In the order in which it came, what was taken back too.
    private(set) var entries: [StoredFeedback] = []

    /// Labels of a stream that count at one time; older verdicts make room by themselves.
    static let labelLimit = 256

    private var active: [StoredFeedback] { entries.filter { $0.revokedBy == nil } }

    mutating func add(_ entry: StoredFeedback) {
        guard !entries.contains(where: { $0.id == entry.id }) else { return }
        entries.append(entry)
        let passing = entries.filter(\.isPassing)
        guard passing.count > Store.passingFeedbackLimit else { return }
        let gone = Set(passing.dropLast(Store.passingFeedbackLimit).map(\.id))
        entries.removeAll { gone.contains($0.id) }
    }

    mutating func revoke(_ id: String, by revocation: String) {
        guard let index = entries.firstIndex(where: { $0.id == id }) else { return }
        entries[index].revokedBy = revocation
        entries[index].examples = []
    }

    /// The answer to what needs no further look: what came before, and what can not be.
    func answer(to feedback: Feedback) -> FeedbackAnswer? {
        let id = feedback.id
        if let known = entries.first(where: { $0.id == id }) {
            guard known.says(feedback.content) else {
                return FeedbackAnswer(id: id, .rejected, "this id was given to another feedback before")
            }
            guard let revocation = known.revokedBy else {
                return FeedbackAnswer(id: id, .accepted, "known already, and it counts once")
            }
            return FeedbackAnswer(id: id, .revoked, "it was taken back by \"\(revocation)\"")
        }
        if let revoked = entries.first(where: { $0.revokedBy == id }) {
            guard case .revocation(revoked.id) = feedback.content else {
                return FeedbackAnswer(id: id, .rejected, "this id was given to another feedback before")
            }
            return FeedbackAnswer(id: id, .revoked, "known already: \"\(revoked.id)\" no longer counts")
        }
        switch feedback.content {
        case .revocation(let target):
            guard let entry = entries.first(where: { $0.id == target }) else {
                return FeedbackAnswer(id: id, .rejected, "there is no feedback \"\(target)\" for this stream")
            }
            return entry.revokedBy.map {
                FeedbackAnswer(id: id, .revoked, "\"\(target)\" was taken back before, by \"\($0)\"")
            }
        case .label:
            guard active.count(where: { $0.kind == .label }) < Self.labelLimit else {
                return FeedbackAnswer(
                    id: id, .rejected, "the stream has \(Self.labelLimit) labels, which is all it keeps: revoke some")
            }
            return nil
        case .verdict: return nil
        }
    }

    /// Why something new can not be true together with what was said before; nil when it can.
    func contradiction(of new: StoredFeedback) -> String? {
        for old in active {
            let isOther =
                switch (old.kind, new.kind) {
                case (.label, .label): old.name != new.name && old.span.overlaps(new.span)
                case (.normal, .anomaly), (.anomaly, .normal):
                    old.insight == new.insight && (new.insight != nil || old.span.overlaps(new.span))
                default: false
                }
            guard isOther else { continue }
            let what = old.name.map { "the label \"\($0)\"" } ?? "the verdict \(old.kind.rawValue)"
            return "it contradicts \(what) of feedback \"\(old.id)\": revoke that first"
        }
        return nil
    }

    /// What follows for the learner, and a sentence for each entry that is of no use to it.
    func lessons(
        model: String, dimension: Int, shipped: LabelStatistics? = nil
    ) -> (lessons: Lessons, complaints: [String]) {
        var lessons: [Lesson] = []
        var complaints: [String] = []
        for entry in active {
            guard entry.model == model else {
                complaints.append("feedback \"\(entry.id)\" is about \(entry.model) and rests")
                continue
            }
            do {
                let examples = try ExampleSet(dimension: dimension, restoring: entry.examples)
                let kind: Lesson.Kind =
                    switch entry.kind {
                    case .normal: .normal
                    case .anomaly: .anomaly
                    case .label: .label(entry.name ?? "")
                    }
                lessons.append(
                    Lesson(kind: kind, span: entry.span, state: entry.state.flatMap { Int($0) }, examples: examples))
            } catch {
                complaints.append("feedback \"\(entry.id)\" can not be used: \(error)")
            }
        }
        return (Lessons(lessons, shipped: shipped), complaints)
    }
}

extension StoredFeedback {
    /// Whether a payload says the same as this entry.
    fileprivate func says(_ content: Feedback.Content) -> Bool {
        switch content {
        case .verdict(let verdict, .lastInsight): kind.rawValue == verdict.rawValue && insight != nil
        case .verdict(let verdict, .insight(let id)): kind.rawValue == verdict.rawValue && insight == id
        case .verdict(let verdict, .span(let span)): kind.rawValue == verdict.rawValue && self.span == span
        case .label(let name, let span): kind == .label && self.name == name && self.span == span
        case .revocation: false
        }
    }
}
