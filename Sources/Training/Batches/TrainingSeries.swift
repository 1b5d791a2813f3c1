import Learning

/// A stretch of a recording on a uniform grid, checked: long enough, with enough values, and not constant.
package struct TrainingSeries: Sendable, Equatable {
    /// File and columns, for errors.
    package let name: String
    /// `channels[channel][sample]`; NaN where nothing was measured.
    package let channels: [[Double]]
    /// The class of each sample, `CrossEntropyLoss.unknown` where it has none; empty: no sample has one.
    package let classes: [Int32]

    package var count: Int { channels[0].count }

    /// - Parameter shortest: samples that one crop needs.
    package init(
        _ channels: [[Double]], classes: [Int32] = [], name: String, shortest: Int
    ) throws(TrainingError) {
        guard let count = channels.first?.count else { throw TrainingError("\(name): found no channel") }
        guard channels.allSatisfy({ $0.count == count }), classes.isEmpty || classes.count == count else {
            throw TrainingError("\(name): found channels of \(channels.map(\.count)) samples, expected equally many")
        }
        guard count >= shortest else {
            throw TrainingError("\(name): found \(count) samples, expected at least \(shortest)")
        }
        for values in channels { try Self.check(values, name: name, shortest: shortest) }
        guard channels.contains(where: Self.varies) else {
            throw TrainingError("\(name): found a constant, expected a signal that changes")
        }
        self.name = name
        self.channels = channels
        self.classes = classes
    }

    /// One channel without classes.
    package init(_ values: [Double], name: String, shortest: Int) throws(TrainingError) {
        try self.init([values], name: name, shortest: shortest)
    }

    private init(name: String, channels: [[Double]], classes: [Int32]) {
        self.name = name
        self.channels = channels
        self.classes = classes
    }

    /// Whether a channel has two different values.
    package static func varies(_ values: [Double]) -> Bool {
        guard let first = values.first(where: \.isFinite) else { return false }
        return values.contains { $0.isFinite && $0 != first }
    }

    /// A part of it, which is not checked again.
    func part(_ range: Range<Int>) -> Self {
        Self(
            name: name, channels: channels.map { Array($0[range]) },
            classes: classes.isEmpty ? [] : Array(classes[range]))
    }

    /// One of its channels by itself.
    func channel(_ index: Int) -> Self { Self(name: name, channels: [channels[index]], classes: classes) }

    private static func check(_ values: [Double], name: String, shortest: Int) throws(TrainingError) {
        let missing = values.count { !$0.isFinite }
        guard missing * 2 <= values.count else {
            throw TrainingError("\(name): found \(missing) of \(values.count) samples missing, expected at most half")
        }
        if let (start, length) = longestGap(values), length >= shortest {
            throw TrainingError(
                "\(name): found \(length) missing samples in a row from row \(start), expected fewer than \(shortest)")
        }
    }

    private static func longestGap(_ values: [Double]) -> (start: Int, length: Int)? {
        var longest: (start: Int, length: Int)?
        var start: Int?
        for (index, value) in values.enumerated() {
            guard !value.isFinite else {
                start = nil
                continue
            }
            start = start ?? index
            let length = index - start! + 1
            if length > longest?.length ?? 0 { longest = (start!, length) }
        }
        return longest
    }
}
