import ArgumentParser

extension Sedge {
    /// In the order that `sedge --help` lists them.
    static var subcommands: [any ParsableCommand.Type] {
        [
            DemoCommand.self, SimulateCommand.self, ReplayCommand.self, TrainCommand.self, QuantizeCommand.self,
            ImportCommand.self, EncodeCommand.self, BenchCommand.self, EvalCommand.self, InspectCommand.self,
            DoctorCommand.self, KeysCommand.self, ConfigCommand.self, ModelCommand.self, FleetCommand.self,
        ]
    }
}
