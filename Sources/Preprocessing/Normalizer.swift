package import SedgeCore

/// One channel's normaliser, of the kind that the bundle declares.
package enum Normalizer: Sendable, Equatable {
    case robust(RobustNormalizer)
    case fixed(FixedNormalizer)

    /// In the channel's unit.
    package var level: Double {
        switch self {
        case .robust(let normalizer): normalizer.level
        case .fixed(let normalizer): normalizer.level
        }
    }

    /// In the channel's unit; never 0.
    package var scale: Double {
        switch self {
        case .robust(let normalizer): normalizer.scale
        case .fixed(let normalizer): normalizer.scale
        }
    }

    /// Whether level and scale mean something yet.
    package var isUsable: Bool {
        switch self {
        case .robust(let normalizer): normalizer.isUsable
        case .fixed: true
        }
    }

    /// Whether the newest sample was missing for so long that the level stood in for it.
    package var isMissing: Bool {
        switch self {
        case .robust(let normalizer): normalizer.isMissing
        case .fixed(let normalizer): normalizer.isMissing
        }
    }

    /// Normalises one sample, then learns from it if the kind learns and `learns` allows it. Always finite.
    package mutating func normalize(_ x: Double, learns: Bool = true) -> Float {
        switch self {
        case .robust(var normalizer):
            let output = normalizer.normalize(x, learns: learns)
            self = .robust(normalizer)
            return output
        case .fixed(var normalizer):
            let output = normalizer.normalize(x)
            self = .fixed(normalizer)
            return output
        }
    }

    /// Sets a new normal; a fixed normaliser keeps its own and returns false.
    @discardableResult
    package mutating func rebaseline(level: Double, scale: Double, weight: Double = 256) -> Bool {
        guard case .robust(var normalizer) = self else { return false }
        normalizer.rebaseline(level: level, scale: scale, weight: weight)
        self = .robust(normalizer)
        return true
    }

    /// After a gap no value from before it stands in for a missing one.
    package mutating func forgetHeld() {
        switch self {
        case .robust(var normalizer):
            normalizer.forgetHeld()
            self = .robust(normalizer)
        case .fixed(var normalizer):
            normalizer.forgetHeld()
            self = .fixed(normalizer)
        }
    }

    package func snapshot(into writer: inout SnapshotWriter) {
        switch self {
        case .robust(let normalizer):
            writer.write(UInt8(0))
            normalizer.snapshot(into: &writer)
        case .fixed(let normalizer):
            writer.write(UInt8(1))
            normalizer.snapshot(into: &writer)
        }
    }

    /// A snapshot of the other kind is refused. On an error nothing has changed.
    package mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        let kind = try reader.read(UInt8.self)
        switch (self, kind) {
        case (.robust(var normalizer), 0):
            try normalizer.restore(from: &reader)
            self = .robust(normalizer)
        case (.fixed(var normalizer), 1):
            try normalizer.restore(from: &reader)
            self = .fixed(normalizer)
        default:
            let expected = if case .robust = self { "robust" } else { "fixed" }
            let found = kind == 0 ? "robust" : kind == 1 ? "fixed" : "unknown (\(kind))"
            throw .impossible("normalisation is \(found), expected \(expected)")
        }
    }
}
