package import SedgeCore

/// The label a stream has now, kept until another is clearly more likely: a forward filter over labels (Rabiner, 1989)
/// that expects a label to last, with two thresholds.
struct LabelTracker: Sendable, Equatable {
    private(set) var current: LabelVerdict?
    /// Of each label, last of none.
    private var beliefs: [Float] = []
    /// Event time since which the likeliest label has been the same.
    private var leader = Leader()

    private struct Leader: Sendable, Equatable {
        var index = -1
        var since = Timestamp(microseconds: 0)
    }

    /// Probability a step that a label ends.
    private static let leaving: Float = 1.0 / 16
    /// One step's evidence can not outweigh more.
    private static let floor: Float = 0.02
    /// A label is told from here on, and until its probability falls below the other.
    private static let entering: Float = 0.7
    private static let staying: Float = 0.35

    /// Takes in one step: the probabilities that the head gives, or nil where it has none.
    mutating func observe(_ probabilities: [Float]?, names: [String], time: Timestamp) -> LabelVerdict? {
        guard let probabilities else {
            self = LabelTracker()
            return nil
        }
        if beliefs.count != probabilities.count {
            beliefs = Array(repeating: 1 / Float(probabilities.count), count: probabilities.count)
        }
        var sum: Float = 0
        for index in beliefs.indices {
            let expected = (1 - Self.leaving) * beliefs[index] + Self.leaving / Float(beliefs.count)
            beliefs[index] = expected * max(Self.floor, probabilities[index])
            sum += beliefs[index]
        }
        for index in beliefs.indices { beliefs[index] /= sum }
        let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
        if best != leader.index { leader = Leader(index: best, since: time) }
        if let label = current, let place = names.firstIndex(of: label.name) {
            current?.probability = Double(beliefs[place])
            if beliefs[place] < Self.staying { current = nil }
        } else {
            current = nil
        }
        if current == nil, let place = names.indices.first(where: { beliefs[$0] >= Self.entering }) {
            let since = place == leader.index ? leader.since : time
            current = LabelVerdict(name: names[place], since: since, probability: Double(beliefs[place]))
        }
        return current
    }

    func write(to writer: inout SnapshotWriter) {
        writer.write(beliefs)
        writer.write(Int64(leader.index))
        writer.write(leader.since.microseconds)
        writer.write(current != nil)
        writer.write(current?.name ?? "")
        writer.write((current?.since ?? Timestamp(microseconds: 0)).microseconds)
        writer.write(current?.probability ?? 0)
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        beliefs = try reader.readFloats()
        guard beliefs.allSatisfy({ (0...1).contains($0) }) else { throw .impossible("beliefs beyond 0 to 1") }
        leader.index = Int(try reader.read(Int64.self))
        leader.since = Timestamp(microseconds: try reader.read(Int64.self))
        let hasLabel = try reader.readBool()
        let label = LabelVerdict(
            name: try reader.readString(), since: Timestamp(microseconds: try reader.read(Int64.self)),
            probability: try reader.readFinite("probability of a label", in: 0...1.001))
        current = hasLabel ? label : nil
    }
}

/// The label that a stream has.
package struct LabelVerdict: Sendable, Equatable {
    package var name: String
    /// Event time of the first step that looked like it.
    package var since: Timestamp
    /// 0 to 1.
    package var probability: Double
}
