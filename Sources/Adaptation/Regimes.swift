import SedgeCore

/// The states a stream has been in: an online clustering of its smoothed embeddings into a few named regimes.
///
/// A regime is a centroid and a spread; distances are squared, a mean over dimensions, each relative to its pooled
/// variance inside regimes. What single steps show is found soon: a known regime takes over when the stream has left its
/// own and has been clearly nearer to the other for `switchSteps`; a new one is made when the stream has been far from
/// all for `birthSteps`. What only many steps show is found by `SegmentSplit`: the regime divides, and the younger part
/// is a known regime where their means differ by no more than noise, else a new one. Regimes that differ by noise alone
/// merge into the older. At most `limit` are kept: the one not seen for longest makes room. Names are never used twice.
struct Regimes: Sendable, Equatable {
    private let memory: Float
    private var space: RegimeSpace  // a row a member, and the candidate's behind them
    private var members: [Member] = []
    private var current = 0
    private var born = 0
    private var steps = 0
    /// Mean squared deviation of relative distances from 1: how far ordinary steps stray.
    private var stray: Float = 0.5
    private var pending = Pending()
    private var candidate = Candidate()
    private var segment: SegmentSplit

    /// What is known of a regime besides its centroid.
    private struct Member: Sendable, Equatable {
        var number: Int
        var count: Float
        var spread: Float
        var lastSeen: Int
        /// Blocks of `SegmentSplit` that the centroid rests on.
        var blocks: Float { max(1, min(count, Regimes.blockMemory) / Float(SegmentSplit.blockSteps)) }
    }
    /// A known regime that the stream seems to have gone to.
    private struct Pending: Sendable, Equatable {
        var target = 0
        var count = 0
        var since = Timestamp(microseconds: 0)
    }
    /// A regime that is not one yet.
    private struct Candidate: Sendable, Equatable {
        var count = 0
        var spread: Float = 0
        var since = Timestamp(microseconds: 0)
    }

    static let limit = 8
    static let switchSteps = 16
    static let birthSteps = 48
    /// Steps that make the first regime.
    static let seedSteps = 64
    /// Steps before blocks are compared: the normaliser settles, and an encoder that reaches far back has seen little.
    private static let segmentSteps = 256
    /// Steps of a regime that count when means are compared: it has to be found again though it drifts.
    private static let blockMemory: Float = 2048
    private static let candidateRow = limit

    init(dimension: Int, memory: Double) {
        self.memory = Float(memory)
        space = RegimeSpace(dimension: dimension, rows: Self.limit + 1)
        members.reserveCapacity(Self.limit)
        segment = SegmentSplit(dimension: dimension)
    }

    /// The current regime's name, nil while the first one is being made.
    var name: String? { steps >= Self.seedSteps ? Self.name(members[current].number) : nil }
    var count: Int { members.count }

    private static func name(_ number: Int) -> String { "state-\(number)" }

    /// - Parameter input: `dimension` finite values, then zeros up to a multiple of eight.
    mutating func observe(time: Timestamp, _ input: [Float], learns: Bool) -> RegimeTransition? {
        space.smooth(input, isFirst: steps == 0)
        guard steps >= Self.seedSteps else {
            if learns { seed() }
            return nil
        }
        if learns { steps += 1 }
        space.invertVariance()
        if let change = judge(time: time, learns: learns) {
            segment.restart()
            return change
        }
        guard learns, steps >= Self.segmentSteps, let division = segment.observe(time: time, input) else { return nil }
        return divide(division)
    }

    /// What a step shows by itself, with those right before it.
    private mutating func judge(time: Timestamp, learns: Bool) -> RegimeTransition? {
        var nearest = current
        var least = Float.infinity
        var own = Float.infinity
        for index in members.indices {
            let relative = space.distance(row: index) / members[index].spread
            if index == current { own = relative }
            if relative < least { (nearest, least) = (index, relative) }
        }
        let reach = min(30, max(4, 1 + 8 * stray.squareRoot()))
        if least > reach {
            pending.count = max(0, pending.count - 1)
            return learns ? consider(time: time, least: least) : nil
        }
        candidate.count = max(0, candidate.count - 2)
        // Regimes that overlap are told apart by many steps, not by one.
        if nearest != current, own > reach, least < 0.5 * own {
            return approach(nearest, time: time)
        }
        pending.count = max(0, pending.count - 2)
        if learns, own <= reach { learn(own) }
        if learns, steps & 63 == 0 { mergeNear() }
        return nil
    }

    /// The present regime was two: the older part keeps the name, the younger is a known regime or a new one.
    private mutating func divide(_ division: SegmentSplit.Division) -> RegimeTransition? {
        let from = name
        space[current] = division.before
        var (known, least) = (current, SegmentSplit.threshold)
        for index in members.indices where index != current {
            let apart = segment.distance(
                division.after, blocks: division.blocks, space.centroids, at: space.offset(of: index),
                others: members[index].blocks)
            if apart < least { (known, least) = (index, apart) }
        }
        (candidate, pending) = (Candidate(), Pending())
        guard known == current else {
            current = known
            members[known].lastSeen = steps
            return RegimeTransition(from: from, to: Self.name(members[known].number), since: division.since)
        }
        let member = Member(
            number: born + 1, count: division.blocks * Float(SegmentSplit.blockSteps), spread: members[current].spread,
            lastSeen: steps)
        settle(member, centroid: division.after)
        return RegimeTransition(from: from, to: Self.name(born), since: division.since)
    }

    private mutating func seed() {
        if members.isEmpty {
            born = 1
            members.append(Member(number: 1, count: 0, spread: 1, lastSeen: 0))
        }
        steps += 1
        move(member: 0)
    }

    /// The stream is in its regime: centroid, pooled variance and spread follow slowly.
    private mutating func learn(_ relative: Float) {
        let rate = 1 / min(memory, Float(steps))
        move(member: current)
        members[current].spread = max(0.05, members[current].spread * (1 + rate * (relative - 1)))
        let deviation = relative - 1
        stray = max(0.05, stray + rate * (deviation * deviation - stray))
        members[current].lastSeen = steps
    }

    private mutating func move(member index: Int) {
        members[index].count = min(memory, members[index].count + 1)
        let rate = 1 / members[index].count
        let pooled = 1 / min(memory, Float(max(1, steps)))
        space.learn(row: index, rate: rate, pooled: pooled)
    }

    /// Far from every known regime: the beginning of a new one, unless it passes.
    private mutating func consider(time: Timestamp, least: Float) -> RegimeTransition? {
        let apart = candidate.count > 0 ? space.distance(row: Self.candidateRow) : 0
        if candidate.count == 0 || apart > 4 * least * members[current].spread {
            candidate = Candidate(count: 1, spread: 0, since: time)
            space.place(row: Self.candidateRow)
            return nil
        }
        candidate.count += 1
        let rate = max(1 / Float(candidate.count), 1 / 16)
        candidate.spread += rate * (apart - candidate.spread)
        space.move(row: Self.candidateRow, rate: rate)
        guard candidate.count >= Self.birthSteps else { return nil }
        return promote()
    }

    private mutating func promote() -> RegimeTransition {
        let from = name
        let spread = max(candidate.spread, 0.5 * members[current].spread)
        let since = candidate.since
        settle(
            Member(number: born + 1, count: Float(Self.birthSteps), spread: spread, lastSeen: steps),
            centroid: space[Self.candidateRow])
        (candidate, pending) = (Candidate(), Pending())
        return RegimeTransition(from: from, to: Self.name(born), since: since)
    }

    /// A new regime, and the present one.
    private mutating func settle(_ member: Member, centroid: [Float]) {
        born += 1
        var place = members.count
        if place < Self.limit {
            members.append(member)
        } else {
            place = members.indices.filter { $0 != current }.min { members[$0].lastSeen < members[$1].lastSeen } ?? 0
            members[place] = member
        }
        space[place] = centroid
        current = place
    }

    /// Nearer to another known regime: it takes over when that lasts.
    private mutating func approach(_ index: Int, time: Timestamp) -> RegimeTransition? {
        if pending.count == 0 || pending.target != index { pending = Pending(target: index, count: 0, since: time) }
        pending.count += 1
        guard pending.count >= Self.switchSteps else { return nil }
        let from = name
        current = index
        members[index].lastSeen = steps
        defer { pending = Pending() }
        return RegimeTransition(from: from, to: Self.name(members[index].number), since: pending.since)
    }

    /// Regimes that have drifted together become the older one; if the current one goes, its name changes silently
    /// only if it was the younger, which the next observation reports through `name`.
    private mutating func mergeNear() {
        guard segment.knowsNoise else { return }
        let own = space[current]
        for index in members.indices where index != current {
            let apart = segment.distance(
                own, blocks: members[current].blocks, space.centroids, at: space.offset(of: index),
                others: members[index].blocks)
            guard apart < 1 else { continue }
            let keep = members[current].number < members[index].number ? current : index
            members[keep].count = min(memory, members[index].count + members[current].count)
            members[keep].spread = max(members[index].spread, members[current].spread)
            members[keep].lastSeen = steps
            let drop = keep == current ? index : current
            remove(drop, keeping: keep)
            return
        }
    }

    private mutating func remove(_ drop: Int, keeping keep: Int) {
        let last = members.count - 1
        space[drop] = space[last]
        members[drop] = members[last]
        members.removeLast()
        current = keep == last ? drop : keep
        pending = Pending()
    }

    func write(to writer: inout SnapshotWriter) {
        space.write(to: &writer)
        writer.write(UInt8(members.count))
        for (index, member) in members.enumerated() {
            writer.write(Int64(member.number))
            writer.write([member.count, member.spread])
            writer.write(Int64(member.lastSeen))
            writer.write(space[index])
        }
        writer.write(space[Self.candidateRow])
        for value in [current, born, steps, pending.target, pending.count, candidate.count] {
            writer.write(Int64(value))
        }
        writer.write([stray, candidate.spread])
        writer.write(pending.since.microseconds)
        writer.write(candidate.since.microseconds)
        segment.write(to: &writer)
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        try space.read(from: &reader)
        let found = Int(try reader.read(UInt8.self))
        guard found <= Self.limit else { throw .length(expected: Self.limit, found: found) }
        members.removeAll(keepingCapacity: true)
        for index in 0..<found {
            let number = try reader.readInteger("number of a state", in: 1...Int.max)
            let values = try reader.readFiniteFloats("count and spread of a state", count: 2)
            let lastSeen = try reader.readInteger("last sight of a state", in: 0...Int.max)
            guard values[0] >= 0, values[1] > 0 else { throw .impossible("a state's count or spread is not positive") }
            members.append(Member(number: number, count: values[0], spread: values[1], lastSeen: lastSeen))
            try space.read(row: index, from: &reader)
        }
        try space.read(row: Self.candidateRow, from: &reader)
        current = try reader.readInteger("current state", in: 0...max(0, found - 1))
        born = try reader.readInteger("states made", in: found...Int.max)
        steps = try reader.readInteger("steps", in: 0...(found == 0 ? 0 : Int.max))
        pending.target = try reader.readInteger("next state", in: 0...max(0, found - 1))
        pending.count = try reader.readInteger("steps towards a state", in: 0...Self.switchSteps)
        candidate.count = try reader.readInteger("steps of a new state", in: 0...Self.birthSteps)
        let scalars = try reader.readFiniteFloats("scalars of states", count: 2)
        guard scalars.allSatisfy({ $0 >= 0 }) else { throw .impossible("a negative variance in the states") }
        (stray, candidate.spread) = (scalars[0], scalars[1])
        pending.since = Timestamp(microseconds: try reader.read(Int64.self))
        candidate.since = Timestamp(microseconds: try reader.read(Int64.self))
        try segment.read(from: &reader)
    }
}
