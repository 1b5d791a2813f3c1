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
        var findings = configuration.findings
        findings += bundle?.findings ?? []
        findings += clock.findings
        findings += disk?.findings ?? []
        findings += database?.findings ?? []
        for broker in brokers { findings += broker.findings }
        findings += agent?.findings ?? []
        for stream in streams { findings += stream.findings }
        return findings
    }
}
