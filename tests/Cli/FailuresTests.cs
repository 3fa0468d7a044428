using SemanticSam.Cli;
using SemanticSam.Cli.Verbs;
using SemanticSam.Engine;
using SemanticSam.Engine.Batch;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Formats;
using SemanticSam.Foundation;
using SemanticSam.Torch;

namespace SemanticSam.Tests.Cli;

public sealed class FailuresTests
{
    public static TheoryData<Exception, int> Codes => new()
    {
        { new OperationCanceledException(), ExitCodes.Interrupted },
        { new UsageException("x"), ExitCodes.Usage },
        { new PromptException("x"), ExitCodes.BadInput },
        { new CheckpointException("a", "x"), ExitCodes.BadModel },
        { CheckpointException.OtherFeatures("a", FeaturesError.OtherImage, "x", "y"), ExitCodes.BadInput },
        { new BatchException(BatchError.Input, "x"), ExitCodes.BadInput },
        { new FileNotFoundException("x"), ExitCodes.BadInput },
        { new InvalidDataException("x"), ExitCodes.BadInput },
        { new CannotWriteException("x"), ExitCodes.CannotWrite },
        { new OutputException("x"), ExitCodes.CannotWrite },
        { new BatchException(BatchError.CannotWrite, "x"), ExitCodes.CannotWrite },
        { new TorchRuntimeException(TorchError.NotFound, "x"), ExitCodes.Failed },
        { new IOException("x"), ExitCodes.Failed },
        { new OutOfMemoryException(), ExitCodes.Failed },
        { new System.Runtime.InteropServices.ExternalException("DefaultCPUAllocator: can't allocate memory: 9 bytes."), ExitCodes.Failed },
        { new System.Runtime.InteropServices.ExternalException("shapes cannot be multiplied"), ExitCodes.Internal },
        { new ArgumentOutOfRangeException("x"), ExitCodes.Internal },
        { new FormatException("x"), ExitCodes.Internal },
        { new InvalidOperationException("x"), ExitCodes.Internal },
        { new NullReferenceException("x"), ExitCodes.Internal },
    };

    [Theory]
    [MemberData(nameof(Codes))]
    public void Of_Exception_IsTheDocumentedCode(Exception e, int code) => Assert.Equal(code, ExitCodes.Of(e));

    [Fact]
    public void OneLine_MemoryThatIsShort_SaysWhatHelps()
    {
        string line = Failures.OneLine(new OutOfMemoryException());
        Assert.StartsWith("there is not enough memory", line);
        Assert.DoesNotContain("Exception", line);
    }

    [Fact]
    public void OneLine_Defect_SaysItsKindAndHowToLearnMore()
    {
        string line = Failures.OneLine(new ArgumentException("first\r\nsecond"));
        Assert.Equal("ArgumentException: first second (SEMSAM_TRACE=1 shows where)", line);
    }

    [Theory]
    [InlineData(nameof(BatchError.AlreadyStarted), "--resume")]
    [InlineData(nameof(BatchError.OtherBatch), "--out")]
    [InlineData(nameof(BatchError.Incomplete), "--allow-missing")]
    public void OneLine_ReasonThatASwitchHelps_NamesTheSwitch(string error, string named)
    {
        Assert.Contains(named, Failures.OneLine(new BatchException(Enum.Parse<BatchError>(error), "The folder is not free.")));
        Assert.DoesNotContain(named, Failures.OneLine(new BatchException(BatchError.Damaged, "The file is damaged.")));
    }

    /// <summary>A switch is named only of a verb that has it, and --images is a folder here and a number there.</summary>
    [Theory]
    [InlineData("convert", nameof(AnnotationNeed.Encoding), "(--encoding NAME reads it)")]
    [InlineData("evaluate", nameof(AnnotationNeed.Encoding), "('semsam convert' makes a set of it: --encoding NAME reads it)")]
    [InlineData("convert", nameof(AnnotationNeed.Images), "(--images names the folder)")]
    [InlineData("evaluate", nameof(AnnotationNeed.Images), "(--image-folder names it)")]
    public void OneLine_AnnotationsThatNeedMore_NamesASwitchOfTheVerb(string verb, string need, string hint)
    {
        var command = verb == "convert" ? ConvertCommand.Create() : EvaluateCommand.Create();
        var e = new AnnotationFileException("a.json", "", "it is odd") { Need = Enum.Parse<AnnotationNeed>(need) };
        Assert.EndsWith(hint, Failures.OneLine(e, command));
    }

    [Fact]
    public void Cause_OfATypeInitializer_IsWhatItThrew()
    {
        var cause = new TorchRuntimeException(TorchError.NotFound, "x");
        Assert.Same(cause, Failures.Cause(new TypeInitializationException("a", new TypeInitializationException("b", cause))));
        Assert.Same(cause, Failures.Cause(cause));
    }
}
