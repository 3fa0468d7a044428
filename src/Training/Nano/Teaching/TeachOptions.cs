namespace SemanticSam.Training.Nano.Teaching;

/// <summary>How a model of the embedded family is taught further names.</summary>
internal sealed record TeachOptions
{
    /// <summary>Steps.</summary>
    public int Steps { get; init; } = 120;

    /// <summary>Images a step.</summary>
    public int Batch { get; init; } = 6;

    /// <summary>Decides order, samples and which images are kept aside.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Largest learning rate.</summary>
    public double Rate { get; init; } = 1e-3;

    /// <summary>Side of the square training images.</summary>
    public int Size { get; init; } = 256;

    /// <summary>One image in so many is kept aside to measure on; 0 for none.</summary>
    public int KeptAside { get; init; } = 5;

    /// <summary>Known names that are compared with the old model in each step.</summary>
    public int OldNames { get; init; } = 24;

    /// <summary>How much the answers to known names count: they shall stay those of the old model.</summary>
    public double AnswerWeight { get; init; } = 8;

    /// <summary>How much the embeddings of known words count: they shall stay where they are.</summary>
    public double EmbeddingWeight { get; init; } = 20;

    /// <summary>Whether the pixels' side learns too; else only that of words, so that nothing about known names can change.</summary>
    public bool TeachesPixels { get; init; } = true;

    /// <summary>Threads that prepare images.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Steps between two reports with losses.</summary>
    public int LogEvery { get; init; } = 20;

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Batch, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(KeptAside);
        ArgumentOutOfRangeException.ThrowIfLessThan(Workers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(LogEvery, 1);
        if (Size < 64 || Size % 32 != 0) throw new ArgumentOutOfRangeException(nameof(Size), Size, "The size has to be a multiple of 32 of at least 64.");
        if (!(Rate > 0 && double.IsFinite(Rate))) throw new ArgumentOutOfRangeException(nameof(Rate), Rate, "The learning rate has to be positive.");
    }
}
