package import SedgeCore

extension Store {
    /// Gives each insight its `seq` and `boot_id` and commits it with its place in the outbox.
    ///
    /// When it returns, a power cut loses none of them. `connected` says whether the caller will publish them at
    /// once; if not, they are left to `pending`. When it throws, nothing was stored and no `seq` was used up, save
    /// for `floorBehind`: then they are committed and will come by `pending`.
    ///
    /// - Parameter checkpoints: what has to be known after a crash exactly when the insights are.
    package func commit(
        _ insights: [Insight], connected: Bool, checkpoints: [Checkpoint] = []
    ) throws(StoreError) -> [OutgoingInsight] {
        guard !insights.isEmpty else {
            if !checkpoints.isEmpty {
                try write { () throws(StoreError) in try upsert(checkpoints, at: options.now()) }
            }
            return []
        }
        var seq = lastSeq
        let outgoing = insights.map { insight in
            seq += 1
            var numbered = insight
            numbered.seq = seq
            numbered.bootID = options.bootID
            numbered.resend = nil
            return OutgoingInsight(
                seq: seq, kind: insight.kind, stream: insight.stream, payload: PayloadJSON.encode(numbered),
                isLive: connected)
        }
        count(bytes: try floorFile.stage(Floor(node: options.node.description, seq: seq, versions: acceptedVersions)))
        do throws(StoreError) {
            try write { () throws(StoreError) in
                try insert(outgoing)
                try upsert(checkpoints, at: options.now())
            }
        } catch {
            floorFile.discard()
            throw error
        }
        lastSeq = seq
        pendingCount += outgoing.count
        try publishFloor()
        return outgoing
    }

    /// Makes the accepted version of something the node is sent known for good; a lower one changes nothing.
    package func raiseAcceptedVersion(_ name: String, to version: Int64) throws(StoreError) {
        try raiseAcceptedVersions([name: version])
    }

    /// Several at once, all or none.
    ///
    /// - Parameter retired: names that these take the place of; without that a side file would grow for ever.
    package func raiseAcceptedVersions(
        _ raised: [String: Int64], replacing retired: Set<String> = []
    ) throws(StoreError) {
        let higher = raised.filter { $0.value > acceptedVersions[$0.key] ?? .min }
        guard !higher.isEmpty else { return }
        let versions = acceptedVersions.filter { !retired.contains($0.key) }.merging(higher) { $1 }
        count(bytes: try floorFile.stage(Floor(node: options.node.description, seq: lastSeq, versions: versions)))
        do throws(StoreError) {
            try write { () throws(StoreError) in
                for name in retired where higher[name] == nil { try removeMeta(MetaKey.acceptedPrefix + name) }
                for (name, version) in higher { try putMeta(MetaKey.acceptedPrefix + name, String(version)) }
            }
        } catch {
            floorFile.discard()
            throw error
        }
        acceptedVersions = versions
        try publishFloor()
    }

    /// Brings the side file up to what the store knows.
    func writeFloor() throws(StoreError) {
        count(
            bytes: try floorFile.stage(Floor(node: options.node.description, seq: lastSeq, versions: acceptedVersions)))
        try publishFloor()
    }

    private func publishFloor() throws(StoreError) {
        isFloorBehind = true
        do throws(StoreError) {
            try floorFile.publish()
        } catch {
            throw StoreError(.floorBehind, code: error.code, error.message, path: error.path)
        }
        isFloorBehind = false
    }

    private func insert(_ outgoing: [OutgoingInsight]) throws(StoreError) {
        let insight = try connection.prepare(
            """
            INSERT INTO insights (seq, committed_at, boot_id, kind, stream, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """)
        let place = try connection.prepare("INSERT INTO outbox (seq) VALUES (?1)")
        let now = options.now().microseconds
        for item in outgoing {
            try insight.bind(item.seq, at: 1)
            try insight.bind(now, at: 2)
            try insight.bind(options.bootID, at: 3)
            try insight.bind(item.kind.rawValue, at: 4)
            try insight.bind(item.stream.description, at: 5)
            try insight.bind(item.payload, at: 6)
            try insight.run()
            try place.bind(item.seq, at: 1)
            try place.run()
        }
    }
}
