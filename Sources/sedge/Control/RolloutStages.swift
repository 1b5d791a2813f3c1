import SedgeCore

/// In which portions a roll-out reaches its nodes: a number of them, a share of them, all.
struct RolloutStages: Equatable {
    enum Stage: Equatable {
        case count(Int)
        case percent(Int)
        case all

        /// `3`, `10%` or `all`; nil for anything else.
        init?(_ text: String) {
            if text == "all" {
                self = .all
            } else if text.hasSuffix("%"), let share = Int(text.dropLast()), (1...100).contains(share) {
                self = .percent(share)
            } else if let count = Int(text), count > 0 {
                self = .count(count)
            } else {
                return nil
            }
        }

        /// Of so many nodes, at least one.
        func size(of total: Int) -> Int {
            switch self {
            case .count(let count): min(count, total)
            case .percent(let share): min(total, max(1, (total * share + 99) / 100))
            case .all: total
            }
        }
    }

    let stages: [Stage]

    /// How many nodes have it after each stage: growing, and all of them at the end.
    func sizes(of total: Int) -> [Int] {
        var sizes: [Int] = []
        for size in stages.map({ $0.size(of: total) }) + [total] where size > sizes.last ?? 0 { sizes.append(size) }
        return sizes
    }
}
