/// All that a look at a gateway has seen, as plain values: gathered by `DoctorExamination`, judged here and without
/// any input or output.
struct DoctorObservation: Sendable {
    var configuration: ConfigurationObservation
    var clock: ClockObservation
    /// Nil, as all that follows, where there is no configuration that says where to look.
    var bundle: BundleObservation?
    var disk: DiskObservation?
    var database: DatabaseObservation?
    var brokers: [BrokerObservation] = []
    var agent: AgentObservation?
    var streams: [StreamObservation] = []

    /// In the order of causes: what stands first may explain what stands below.
    var findings: [Finding] {
        configuration.findings + (bundle?.findings ?? []) + clock.findings + (disk?.findings ?? [])
            + (database?.findings ?? []) + brokers.flatMap(\.findings) + (agent?.findings ?? [])
            + streams.flatMap(\.findings)
    }
}
