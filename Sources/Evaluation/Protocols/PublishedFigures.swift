/// Figures of the literature, for the first column of a summary; each says what it was taken over.
package enum PublishedFigures {
    private static func rows(_ note: String, _ figures: KeyValuePairs<String, Double>) -> [ResultTable.Row] {
        figures.map { ResultTable.Row($0.key, .published, [$0.value], note: note) }
    }

    /// NAB's scoreboard, standard profile (and the same per-file scores over 28 of the series).
    package static let nab =
        rows(
            "published, all 58 series",
            [
                "ARTime": 74.9, "HTM": 70.1, "CAD-OSE": 69.9, "KNN-CAD": 58.0, "Random Cut Forest": 51.7,
                "windowed Gaussian": 39.6,
            ])
        + rows(
            "published scores, 28 series",
            [
                "ARTime": 74.7, "HTM": 63.8, "CAD-OSE": 63.4, "relative entropy": 55.6, "KNN-CAD": 55.4,
                "Twitter ADVec": 48.3, "Random Cut Forest": 43.1, "windowed Gaussian": 33.9,
            ])

    package static let skab = rows(
        "published, all 34 files",
        [
            "Conv-AE": 0.78, "MSET": 0.78, "T² + Q (PCA)": 0.76, "LSTM-AE": 0.74, "T²": 0.66,
            "isolation forest": 0.29,
        ])

    package static let smap = rows(
        "published, TSB-AD's own split",
        ["KMeansAD": 0.380, "CNN": 0.191, "AutoEncoder": 0.129, "isolation forest": 0.089, "TranAD": 0.087])

    package static let tssb =
        rows("published, all 75 series, offline", ["ClaSP": 0.855, "PELT": 0.581, "BinSeg": 0.575])
        + rows("published, all 75 series, streaming", ["FLOSS": 0.567, "BOCD": 0.449])

    /// Supervised CNN by the number of training people; phone, then watch.
    package static let har =
        [
            (people: 22, phone: 0.879, watch: 0.867), (people: 15, phone: 0.861, watch: 0.859),
            (people: 10, phone: 0.848, watch: 0.849), (people: 5, phone: 0.772, watch: 0.819),
            (people: 1, phone: 0.389, watch: 0.670),
        ].map { row in
            ResultTable.Row(
                "supervised 1-D CNN", .published, [row.phone, row.watch],
                note: "published, \(row.people) training \(row.people == 1 ? "person" : "people")")
        } + [
            ResultTable.Row(
                "hand-made features, extra trees", .published, [0.870, 0.841], note: "published, 22 training people"),
            ResultTable.Row(
                "hand-made features, logistic regression", .published, [0.818, 0.821],
                note: "published, 22 training people"),
        ]

    /// MiniRocket's accuracy by the name of a set.
    package static let miniRocket = [
        "GunPoint": 0.992, "ItalyPowerDemand": 0.960, "ArrowHead": 0.881, "OSULeaf": 0.958,
    ]

    /// Univariate mean squared error at horizons of 24, 168 and 720 hours.
    package static let ett: [String: [(name: String, errors: [Int: Double])]] = [
        "ETTh1": [
            (name: "Informer", errors: [24: 0.098, 168: 0.183, 720: 0.269]),
            (name: "S4", errors: [24: 0.061, 168: 0.104, 720: 0.116]),
        ]
    ]
}
