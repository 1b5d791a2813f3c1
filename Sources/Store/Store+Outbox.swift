import SedgeCore

extension Store {
    /// Insights that nobody has acknowledged, in order: those after `seq`, up to and with `last`.
    ///
    /// While a backlog is sent, new insights go out live; `last`, set to `lastSeq` when the sending began, keeps
    /// them from being sent twice.
    package func pending(
        after seq: Int64, through last: Int64 = .max, limit: Int
    ) throws(StoreError) -> [OutgoingInsight] {
        if isFloorBehind { try writeFloor() }
        let statement = try connection.prepare(
            """
            SELECT seq, kind, stream, payload FROM outbox JOIN insights USING (seq)
            WHERE seq > ?1 AND seq <= ?2 ORDER BY seq
            """)
        try statement.bind(seq, at: 1)
        try statement.bind(last, at: 2)
        var result: [OutgoingInsight] = []
        var unreadable: [Int64] = []
        while result.count < limit, try statement.step() {
            let seq = statement.integer(0)
            guard !acknowledged.contains(seq) else { continue }
            let payload = statement.blob(3)
            guard let kind = InsightKind(rawValue: statement.text(1)), let stream = try? StreamID(statement.text(2)),
                payload.first == UInt8(ascii: "{"), payload.count > 2
            else {
                unreadable.append(seq)
                continue
            }
            result.append(OutgoingInsight(seq: seq, kind: kind, stream: stream, payload: payload, isLive: false))
        }
        if !unreadable.isEmpty { try drop(unreadable) }
        return result
    }

    /// What can not be read must not hold up the rest for ever; it is counted as lost.
    private func drop(_ unreadable: [Int64]) throws(StoreError) {
        let total = try droppedTotal() + Int64(unreadable.count)
        acknowledged.formUnion(unreadable)
        pendingCount -= unreadable.count
        dropped += unreadable.count
        try write { () throws(StoreError) in try putMeta(MetaKey.dropped, String(total)) }
        maintenanceError = StoreError(.damaged, "insights \(unreadable) can not be read and are dropped", path: path)
    }

    /// The broker has these. They are gone from `pending` at once, and from the disk with the next write.
    ///
    /// When it throws they stay noted and are tried again.
    package func acknowledge(_ seqs: [Int64]) throws(StoreError) {
        let isPending = try connection.prepare("SELECT 1 FROM outbox WHERE seq = ?1")
        for seq in seqs where !acknowledged.contains(seq) {
            try isPending.bind(seq, at: 1)
            if try isPending.step() {
                acknowledged.insert(seq)
                pendingCount -= 1
            }
            isPending.reset()
        }
        if acknowledged.count >= options.acknowledgementLimit { try flushAcknowledgements() }
    }

    /// Writes acknowledgements that wait for another write.
    package func flushAcknowledgements() throws(StoreError) {
        guard !acknowledged.isEmpty else { return }
        try write { () throws(StoreError) in }
    }

    /// The same for a thread with nobody to tell: `maintenanceError` says why it failed.
    func flushAcknowledgementsInBackground() {
        do throws(StoreError) {
            try flushAcknowledgements()
        } catch {
            maintenanceError = error
        }
    }

    /// Inside a transaction.
    func deleteAcknowledged() throws(StoreError) {
        guard !acknowledged.isEmpty else { return }
        let statement = try connection.prepare("DELETE FROM outbox WHERE seq = ?1")
        for seq in acknowledged {
            try statement.bind(seq, at: 1)
            try statement.run()
        }
    }
}
