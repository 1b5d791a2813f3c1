import SedgeCore

/// Which segments a stream keeps: bounded, and spread over what the stream does.
///
/// Every group, a state on a channel, has an equal share of the places. A group that has not its share yet takes a place
/// of the largest one; one that has it is a reservoir (Vitter, 1985): each of its segments so far is kept with the same
/// chance. So a state that lasted an hour a year ago stays as well covered as the one of every day.
package struct ReplayCoverage: Sendable {
    /// A place and what stands in it.
    package struct Place: Sendable, Equatable {
        package var slot: Int
        package var group: String
        /// Segments of the group that had come until this one.
        package var seen: Int

        package init(slot: Int, group: String, seen: Int) {
            self.slot = slot
            self.group = group
            self.seen = seen
        }
    }

    package private(set) var capacity: Int
    private var groups: [String: Group] = [:]
    private var random: SeededRandom

    private struct Group: Equatable {
        var seen = 0
        var slots: [Int] = []
    }

    /// - Parameter places: what the store holds.
    package init(capacity: Int, seed: UInt64, places: [Place] = []) {
        self.capacity = max(1, capacity)
        random = SeededRandom(seed: seed)
        for place in places where place.slot >= 0 && place.slot < self.capacity {
            groups[place.group, default: Group()].slots.append(place.slot)
            groups[place.group]!.seen = max(groups[place.group]!.seen, place.seen, groups[place.group]!.slots.count)
        }
    }

    package mutating func removeAll() { groups.removeAll() }

    package var count: Int { groups.values.reduce(0) { $0 + $1.slots.count } }

    /// Segments of each group, by its name.
    package var counts: [String: Int] { groups.mapValues(\.slots.count) }

    /// A new segment of a group: its place, or nil where it is left out.
    package mutating func admit(_ name: String) -> Place? {
        var group = groups[name] ?? Group()
        group.seen += 1
        defer { groups[name] = group }
        let quota = max(1, capacity / max(1, groups.count + (groups[name] == nil ? 1 : 0)))
        if count < capacity {
            let taken = Set(groups.values.flatMap(\.slots))
            let slot = (0..<capacity).first { !taken.contains($0) }!
            group.slots.append(slot)
            return Place(slot: slot, group: name, seen: group.seen)
        }
        if group.slots.count < quota {
            // By name where sizes are equal, so that a dictionary's order has no say.
            let largest = groups.filter { $0.key != name }.max {
                ($0.value.slots.count, $1.key) < ($1.value.slots.count, $0.key)
            }
            guard let (other, victim) = largest, victim.slots.count > group.slots.count else { return nil }
            let slot = groups[other]!.slots.remove(at: pick(victim.slots.count))
            group.slots.append(slot)
            return Place(slot: slot, group: name, seen: group.seen)
        }
        guard pick(group.seen) < group.slots.count else { return nil }
        return Place(slot: group.slots[pick(group.slots.count)], group: name, seen: group.seen)
    }

    private mutating func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
}
