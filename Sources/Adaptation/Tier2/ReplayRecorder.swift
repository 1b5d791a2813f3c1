package import SedgeCore

/// Cuts a stream into segments for the replay store, a channel at a time.
///
/// Only what is unsuspicious is kept: an alarm takes away the segment at hand and those of the last `quarantineSteps`
/// steps, since what led to it belongs to it. What comes through asks for a place in the store. Between the beginning
/// and the end of a segment nothing is allocated.
package struct ReplayRecorder: Sendable {
    /// A segment and its place in the store.
    package struct Entry: Sendable, Equatable {
        package var place: ReplayCoverage.Place
        package var segment: ReplaySegment

        package init(place: ReplayCoverage.Place, segment: ReplaySegment) {
            self.place = place
            self.segment = segment
        }
    }

    package private(set) var coverage: ReplayCoverage
    private let settings: Tier2Settings
    private let channels: Int
    private let patch: Int
    private let tapBytes: Int
    private let hop: Int
    /// Normalised units a step of the stored samples.
    private let unit: Float
    private var open: Open?
    private var held: [(group: String, segment: ReplaySegment, age: Int)] = []
    private var wait: Int
    private var nextChannel = 0

    private struct Open: Sendable {
        var group: String
        var segment: ReplaySegment
        var steps = 0
    }

    /// - Parameters:
    ///   - tapBytes: k·C of the encoder.
    ///   - clip: where the bundle clips normalised samples.
    package init(
        channels: Int, patch: Int, tapBytes: Int, hop: Int, clip: Double, coverage: ReplayCoverage,
        settings: Tier2Settings
    ) {
        self.channels = channels
        self.patch = patch
        self.tapBytes = tapBytes
        self.hop = hop
        unit = Float(clip) / 127
        self.coverage = coverage
        self.settings = settings
        wait = 0
    }

    /// The store has nothing of the stream any more.
    package mutating func forget() {
        (open, wait) = (nil, 0)
        held.removeAll(keepingCapacity: true)
        coverage.removeAll()
    }

    /// A step of the stream.
    /// - Parameters:
    ///   - tapped: (channels, k, C).
    ///   - patches: (channels, p), normalised.
    ///   - state: the stream's state; nil where it has none yet.
    ///   - isOrdinary: false where the step must not be trained on.
    package mutating func observe(
        time: Timestamp, tapped: Span<Int8>, patches: Span<Float>, state: String?, isOrdinary: Bool
    ) {
        guard isOrdinary else {
            open = nil
            held.removeAll(keepingCapacity: true)
            wait = settings.segmentGap
            return
        }
        for index in held.indices { held[index].age += 1 }
        if open == nil { begin(time, state) }
        guard let channel = open?.segment.channel else { return }
        open!.segment.end = time
        for index in channel * tapBytes..<(channel + 1) * tapBytes { open!.segment.tapped.append(tapped[index]) }
        for index in channel * patch..<(channel + 1) * patch {
            let steps = (patches[index] / unit).rounded(.toNearestOrEven)
            open!.segment.samples.append(steps.isFinite ? Int8(max(-127, min(127, steps))) : 0)
        }
        open!.steps += 1
        guard open!.steps == settings.segmentSteps, let done = open.take() else { return }
        held.append((done.group, done.segment, 0))
        // Until there are enough to train on they follow each other.
        wait = coverage.count + held.count < min(settings.leastSegments, coverage.capacity) ? 0 : settings.segmentGap
    }

    /// The segments that have served their time and are kept, oldest first.
    package mutating func takeReady() -> [Entry] {
        var ready: [Entry] = []
        while let first = held.first, first.age >= settings.quarantineSteps {
            held.removeFirst()
            guard let place = coverage.admit(first.group) else { continue }
            ready.append(Entry(place: place, segment: first.segment))
        }
        return ready
    }

    private mutating func begin(_ time: Timestamp, _ state: String?) {
        guard wait == 0 else {
            wait -= 1
            return
        }
        let channel = nextChannel
        nextChannel = (nextChannel + 1) % channels
        var segment = ReplaySegment(channel: channel, hop: hop, start: time, end: time, tapped: [], samples: [])
        segment.tapped.reserveCapacity(settings.segmentSteps * tapBytes)
        segment.samples.reserveCapacity(settings.segmentSteps * patch)
        open = Open(group: "\(state ?? "-")/\(channel)", segment: segment)
    }
}
