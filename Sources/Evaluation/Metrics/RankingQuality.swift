#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Quality of ranked recommendations with one right item each: hit rate and normalised discounted cumulative gain.
package struct RankingQuality: Sendable, Equatable {
    /// Items ranked above the right one, for each recommendation.
    package private(set) var ranks: [Int] = []

    package init() {}

    package mutating func add(rank: Int) { ranks.append(rank) }

    /// Adds the rank of item `right` among all `scores`; equal scores rank above it, so that a constant gains nothing.
    package mutating func add(scores: [Double], right: Int) {
        let score = scores[right]
        add(rank: scores.indices.count { $0 != right && scores[$0] >= score })
    }

    /// Share of recommendations whose first `k` items hold the right one (HR@k).
    package func hitRate(at k: Int) -> Double { mean { $0 < k ? 1 : 0 } }

    /// NDCG@k: 1 for the first place, 1/log2(place + 1) further down, 0 beyond `k`.
    package func ndcg(at k: Int) -> Double { mean { $0 < k ? 1 / log2(Double($0) + 2) : 0 } }

    private func mean(_ gain: (Int) -> Double) -> Double {
        ranks.isEmpty ? 0 : ranks.reduce(0) { $0 + gain($1) } / Double(ranks.count)
    }
}
