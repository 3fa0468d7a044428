namespace SemanticSam.Training.Nano;

/// <summary>How training samples are drawn.</summary>
internal sealed record NanoSampleOptions
{
    /// <summary>Side of the square canvas, pixels, a multiple of 32.</summary>
    public int Size { get; init; } = 320;

    /// <summary>Share of the samples that are zoomed and cropped; the others show the whole image.</summary>
    public double ZoomShare { get; init; } = 0.5;

    /// <summary>Smallest and largest zoom: longer side of the image over side of the canvas.</summary>
    public (double Least, double Most) Zoom { get; init; } = (0.75, 2.3);

    /// <summary>Share of the samples that show something from near, as a portrait shows a head.</summary>
    public double CloseShare { get; init; } = 0.12;

    /// <summary>Smallest and largest share of the canvas's side that such a thing's longer side fills.</summary>
    public (double Least, double Most) Fill { get; init; } = (0.25, 0.7);

    /// <summary>Largest zoom for it: photos have no more pixels than they have.</summary>
    public double MostClose { get; init; } = 5;

    /// <summary>Most by which a side is stretched.</summary>
    public double Stretch { get; init; } = 0.15;

    /// <summary>Share of the samples that are turned a little.</summary>
    public double TurnShare { get; init; } = 0.25;

    /// <summary>Most degrees of a turn.</summary>
    public double Turn { get; init; } = 12;

    /// <summary>Share of the samples into which things of other images are pasted.</summary>
    public double PasteShare { get; init; } = 0.4;

    /// <summary>Most things pasted.</summary>
    public int MostPasted { get; init; } = 3;

    /// <summary>Names a sample.</summary>
    public int Names { get; init; } = 30;

    /// <summary>Most of them that are there.</summary>
    public int PresentNames { get; init; } = 14;

    /// <summary>Most of them that may be there unlabeled, of which is known only that they are not where something else is.</summary>
    public int ApartNames { get; init; } = 6;

    /// <summary>Clicks a sample.</summary>
    public int Clicks { get; init; } = 6;

    /// <summary>Boxes and masks given, a sample.</summary>
    public int Regions { get; init; } = 2;

    /// <summary>Answers that are corrected by a further click, a sample.</summary>
    public int Corrections { get; init; } = 2;

    /// <summary>Images with rare names are drawn more often: weight (RareShare * images / images of the rarest name) to the power 0.5.</summary>
    public double RareShare { get; init; } = 0.03;

    /// <summary>Largest such weight.</summary>
    public double MostWeight { get; init; } = 6;
}
