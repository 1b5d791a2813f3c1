// swift-tools-version: 6.2
import PackageDescription

// One settings list for all Swift targets; CI also turns warnings into errors.
var swift: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
if Context.environment["CI"] != nil {
    swift.append(.treatAllWarnings(as: .error))
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")

let package = Package(
    name: "sedge",
    products: [
        .executable(name: "sedged", targets: ["sedged"]),
        .executable(name: "sedge", targets: ["sedge"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // Without its traits, which need full Foundation.
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    ],
    targets: [
        // C and C++ libraries, one face each.
        .target(name: "CKernels"),
        .target(name: "CPeak"),
        .systemLibrary(name: "CSQLite"),
        .systemLibrary(name: "CMosquitto"),
        .systemLibrary(name: "CBLAS"),
        .target(name: "CTOML"),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),

        // The agent's modules; who may import whom stands in docs/architecture.md.
        .target(name: "SedgeCore", swiftSettings: swift),
        .target(name: "Preprocessing", dependencies: ["SedgeCore"], swiftSettings: swift),
        .target(
            name: "Inference", dependencies: ["SedgeCore", "CKernels"],
            // Swift 6.2 wants the lifetime of a span that is written named where other spans are read.
            swiftSettings: swift + [.enableExperimentalFeature("Lifetimes")]),
        .target(name: "Learning", dependencies: ["SedgeCore"], swiftSettings: swift),
        .target(name: "Adaptation", dependencies: ["SedgeCore", "Inference", "Learning"], swiftSettings: swift),
        .target(name: "Ingest", dependencies: ["SedgeCore", "Preprocessing", "CSimdJSON"], swiftSettings: swift),
        .target(name: "Store", dependencies: ["SedgeCore", "CSQLite"], swiftSettings: swift + [.strictMemorySafety()]),
        .target(name: "Messaging", dependencies: ["SedgeCore", "CMosquitto"], swiftSettings: swift),
        .target(name: "Control", dependencies: ["SedgeCore", "Inference", crypto], swiftSettings: swift),
        .target(
            name: "Agent",
            dependencies: [
                "SedgeCore", "Preprocessing", "Inference", "Adaptation", "Ingest", "Store", "Messaging", "Control",
                "CTOML", lifecycle, logging,
            ],
            swiftSettings: swift),

        // The toolbox's modules.
        .target(
            name: "Training",
            dependencies: ["SedgeCore", "Preprocessing", "Inference", "Learning", "CBLAS"],
            swiftSettings: swift),
        .target(
            name: "Importing", dependencies: ["SedgeCore", "Inference", "Learning", protobuf], swiftSettings: swift),
        .target(
            name: "Evaluation",
            dependencies: [
                "SedgeCore", "Preprocessing", "Learning", "Inference", "Adaptation", "Ingest", "Agent", logging,
            ],
            swiftSettings: swift),

        // The two programs.
        .executableTarget(
            name: "sedged", dependencies: ["Agent", "SedgeCore", argumentParser, lifecycle, signals, logging],
            swiftSettings: swift),
        .executableTarget(
            name: "sedge",
            dependencies: [
                "SedgeCore", "CKernels", "CPeak", "Adaptation", "Agent", "Preprocessing", "Ingest", "Inference",
                "Learning", "Messaging", "Store", "Control", "Training", "Importing", "Evaluation", argumentParser,
            ],
            swiftSettings: swift),

        // Tests: a target a module.
        .target(name: "CAllocations", path: "Tests/CAllocations"),
        .target(name: "TestSupport", dependencies: ["SedgeCore"], path: "Tests/TestSupport", swiftSettings: swift),
        .testTarget(name: "SedgeCoreTests", dependencies: ["SedgeCore"], swiftSettings: swift),
        .testTarget(name: "PreprocessingTests", dependencies: ["Preprocessing", "SedgeCore"], swiftSettings: swift),
        .testTarget(
            name: "InferenceTests", dependencies: ["Inference", "CKernels", "CAllocations", "SedgeCore"],
            swiftSettings: swift),
        .testTarget(name: "LearningTests", dependencies: ["Learning", "SedgeCore"], swiftSettings: swift),
        .testTarget(
            name: "AdaptationTests", dependencies: ["Adaptation", "Inference", "Learning", "SedgeCore"],
            swiftSettings: swift),
        .testTarget(
            name: "IngestTests", dependencies: ["Ingest", "CAllocations", "SedgeCore"], swiftSettings: swift),
        .testTarget(name: "StoreTests", dependencies: ["Store", "SedgeCore", "TestSupport"], swiftSettings: swift),
        .testTarget(
            name: "MessagingTests", dependencies: ["Messaging", "SedgeCore", "TestSupport"], swiftSettings: swift),
        .executableTarget(
            name: "ControlMutants", dependencies: ["Control", "SedgeCore"], path: "Tests/ControlMutants",
            swiftSettings: swift),
        .testTarget(
            name: "ControlTests", dependencies: ["Control", "ControlMutants", "SedgeCore"], swiftSettings: swift),
        .testTarget(
            name: "TrainingTests", dependencies: ["Training", "Learning", "Inference", "SedgeCore"],
            swiftSettings: swift),
        .testTarget(
            name: "ImportingTests", dependencies: ["Importing", "Learning", "Inference", "SedgeCore", "TestSupport"],
            exclude: ["Fixtures"], swiftSettings: swift),
        .testTarget(
            name: "AgentTests",
            dependencies: [
                "Agent", "Adaptation", "Control", "Inference", "Ingest", "Messaging", "Preprocessing", "Store",
                "SedgeCore", "TestSupport", logging,
            ],
            swiftSettings: swift),
        .testTarget(
            name: "EvaluationTests",
            dependencies: ["Evaluation", "Inference", "Learning", "SedgeCore", "TestSupport"],
            exclude: ["Reference"], swiftSettings: swift),
        .testTarget(
            name: "ToolboxTests",
            dependencies: [
                "sedge", "SedgeCore", "Agent", "Inference", "Learning", "Messaging", "Control", "Evaluation", "Store",
                "Training", "Importing", "TestSupport", argumentParser,
            ],
            swiftSettings: swift),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["SedgeCore", "Messaging", "Control", "Inference", "TestSupport"], swiftSettings: swift),
    ],
    cxxLanguageStandard: .cxx17
)
