using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Zoo;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using SemanticSam.TextEncoder.Sentences;
using TorchSharp;
using BookOfNames = SemanticSam.Engine.Sessions.Nano.NanoNames;
using NameMatch = SemanticSam.Engine.NameMatch;

namespace SemanticSam.Tests.Engine.Sessions.Nano;

/// <summary>Names: understood through the vocabulary, asked whether they are there, answered or refused.</summary>
public sealed class NanoNamesTests : NanoSession
{
    [Fact]
    public void ExplainNames_WordsOfTheVocabulary_SayWhatTheyStandFor()
    {
        var reports = Session.ExplainNames(["sofas, a couch", "loveseat", "the car's tyre", "car: wheels", "sky"]);
        Assert.Equal([NameMatch.Name, NameMatch.Synonym, NameMatch.Kind, NameMatch.Synonym, NameMatch.Name, NameMatch.Name], reports.Select(r => r.Match));
        Assert.Equal(["sofa", "sofa", "sofa", "wheel of car", "wheel of car", "sky"], reports.Select(r => r.Name));
        Assert.Equal("a couch -> sofa", reports[1].Notice);
        Assert.Null(reports[0].Notice);
        Assert.All(reports, r => Assert.True(r.IsTaught));
        Assert.All(reports, r => Assert.InRange(r.Presence!.Value, 0, 1));
        Assert.Equal(reports[0].Presence, reports[1].Presence);
    }

    [Fact]
    public void Segment_Synonym_IsAnsweredAsTheNameUnderItsOwnLabel()
    {
        var named = Session.Segment(Prompt.Named("sofa"));
        var said = Session.Segment(Prompt.Named("couch"));
        Assert.NotEmpty(named);
        Assert.Equal(named.Select(m => m.Mask), said.Select(m => m.Mask));
        Assert.All(named, m => Assert.Equal("sofa", m.Whole!.Value.Label));
        Assert.All(said, m => Assert.Equal("couch", m.Whole!.Value.Label));
        var part = Session.Segment(Prompt.Named("wheel of a car"));
        Assert.All(part, m => Assert.Equal(("wheel", "car", GranularityLevel.Part), (m.Part!.Value.Label, m.Whole!.Value.Label, m.Level)));
    }

    [Fact]
    public void Segment_UnknownWord_IsNotGuessedButAnsweredWithTheNearestNames()
    {
        using var folder = new TempFolder();
        using var model = TinyNano.Model(folder, TinyNano.Lenient with { NearnessThreshold = 1.1 }); // nothing is as near as that
        using var session = model.Open(TinyNano.Image());
        Assert.Empty(session.Segment(Prompt.Named("zyzzyva")));
        var report = Assert.Single(session.ExplainNames(["zyzzyva"]));
        Assert.Equal((NameMatch.Unknown, false, null, null, null), (report.Match, report.IsTaught, report.Name, report.Presence, report.IsPresent));
        Assert.Equal(3, report.Nearest.Count);
        Assert.All(report.Nearest, n => Assert.Contains(n, model.Vocabulary.Select(v => v.Name)));
        Assert.Contains("'zyzzyva' is not known", report.Notice);

        var near = Assert.Single(Session.ExplainNames(["zyzzyva"])); // where any nearness is enough
        Assert.Equal((NameMatch.Near, false, "zyzzyva"), (near.Match, near.IsTaught, near.Name));
        Assert.NotEmpty(Session.Segment(Prompt.Named("zyzzyva")));
    }

    [Fact]
    public void Embed_WordThatWasNotLearned_LeansTowardThoseNearIt()
    {
        using var scope = torch.NewDisposeScope();
        var vocabulary = NameVocabulary.Read(new MemoryStream("""{"wholes": [{"name": "sofa"}, {"name": "car"}]}"""u8.ToArray()));
        using var text = new SentenceText(3, torch.CPU, () => throw new InvalidOperationException("all texts are remembered"));
        float[] sofa = [1, 0, 0], car = [0, 1, 0], settee = [0.8f, 0, 0.6f];
        using var names = new BookOfNames(vocabulary, text, [("sofa", sofa), ("car", car), ("settee", settee)], new InferenceSettings());
        float[][] rows = [.. names.Embed(["sofa", "settee", "car"]).unbind(0).Select(t => t.data<float>().ToArray())];
        Assert.Equal(sofa, rows[0]);
        Assert.Equal(car, rows[2]);
        Assert.Equal(1, rows[1].Sum(x => x * x), 1e-5);
        Assert.InRange(rows[1][0], 0.95f, 0.99f); // 0.8 as it is
        Assert.InRange(rows[1][1], 0, 1e-3f);
        Assert.Equal(sofa, names.Embed(["sofa"])[0].data<float>().ToArray());
    }

    [Fact]
    public void ExplainNames_KindsThatTheVocabularyLacks_AreLookedUpUnlessItIsTheUsersAlone()
    {
        var report = Assert.Single(Session.ExplainNames(["roadster"]));
        Assert.Equal((NameMatch.Kind, "car", "roadster -> car (the wider name)"), (report.Match, report.Name, report.Notice));
        string file = Folder.Write("own.json", """{"wholes": [{"name": "car"}]}"""u8.ToArray());
        using var model = TinyNano.Model(Folder, vocabulary: new(file, VocabularyUse.Replace));
        using var session = model.Open(TinyNano.Image());
        Assert.Equal(NameMatch.Near, Assert.Single(session.ExplainNames(["roadster"])).Match);
    }

    [Fact]
    public void Segment_Slice_IsThatSliceOfEachOfThePartsThings()
    {
        string file = Folder.Write("slices.json", """
            {"slices": [{"name": "tread", "of": "wheel", "from": 0.5, "synonyms": ["running surface"]}]}
            """u8.ToArray());
        using var model = TinyNano.Model(Folder, vocabulary: new(file));
        using var session = model.Open(TinyNano.Image());
        var (wheels, treads) = (session.Segment(Prompt.Named("wheel")), session.Segment(Prompt.Named("running surface of a car")));
        Assert.NotEmpty(treads);
        Assert.All(treads, t => Assert.Equal(("running surface", "car", GranularityLevel.Part), (t.Part!.Value.Label, t.Whole!.Value.Label, t.Level)));
        treads = session.Segment(Prompt.Named("tread"));
        Assert.All(treads, t => Assert.Contains(wheels, w => w.Mask.IntersectionArea(t.Mask) == t.Area && t.Area < 0.75 * w.Area));
        var report = Assert.Single(session.ExplainNames(["tread"]));
        Assert.Equal((NameMatch.Slice, true, "wheel", "tread -> wheel (a slice of it)"), (report.Match, report.IsTaught, report.Name, report.Notice));
    }

    /// <summary>Its text was never taught, so it would be a guess.</summary>
    [Fact]
    public async Task CollectEverything_SliceAmongTheLabels_LabelsNothing()
    {
        string file = Folder.Write("slices.json", """{"slices": [{"name": "tread", "of": "wheel", "from": 0.5}]}"""u8.ToArray());
        using var model = TinyNano.Model(Folder, vocabulary: new(file));
        using var session = model.Open(TinyNano.Image());
        var masks = await session.CollectEverything(new EverythingOptions { PointsPerSide = 4, Vocabulary = ["tread", "sofa"] });
        Assert.NotEmpty(masks);
        Assert.All(masks, m => Assert.Null(m.Part));
    }

    [Fact]
    public void Segment_WordAskedByItsMeaning_IsAPartWhereTheNearestNameIsOne()
    {
        using var scope = torch.NewDisposeScope();
        var vocabulary = NameVocabulary.Read(new MemoryStream("""{"wholes": [{"name": "car"}], "parts": [{"name": "wheel"}]}"""u8.ToArray()));
        using var text = new SentenceText(2, torch.CPU, () => throw new InvalidOperationException("all texts are remembered"));
        using var names = new BookOfNames(vocabulary, text,
            [("car", [1, 0]), ("wheel", [0, 1]), ("castor", [0.1f, 0.9f]), ("cart", [0.9f, 0.1f]), ("sky", [-1, -1])], new InferenceSettings());
        var read = names.Read(["castor", "cart", "sky"]);
        Assert.Equal([(null, "castor"), ("cart", null), ("sky", null)], read.Select(n => (n.Whole, n.Part)));
        Assert.Equal([NameMatch.Near, NameMatch.Near, NameMatch.Unknown], read.Select(n => n.Match));
    }

    [Fact]
    public void Segment_NameThatIsNotThere_HasNoMask()
    {
        double presence = Session.ExplainNames(["car"])[0].Presence!.Value;
        Assert.NotEmpty(Session.Segment(Prompt.Named("car"), new SegmentOptions { PresenceThreshold = presence * 0.99 }));
        Assert.Empty(Session.Segment(Prompt.Named("car"), new SegmentOptions { PresenceThreshold = presence * 1.01 }));
        Assert.Contains("'car' is not in this image", Session.ExplainNames(["car"], presence * 1.01)[0].Notice);
    }

    [Fact]
    public void Answer_Names_HasTheMasksWithWhatBecameOfEachName()
    {
        var answer = Session.Answer([Prompt.Named("couch", "sky"), Prompt.At(60, 40)]);
        var segmented = Session.Segment([Prompt.Named("couch", "sky"), Prompt.At(60, 40)]);
        Assert.Equal(segmented.Select(m => (m.Mask, m.Prompt, m.Parent)), answer.Masks.Select(m => (m.Mask, m.Prompt, m.Parent)));
        var explained = Session.ExplainNames(["couch", "sky"]);
        Assert.Equal(explained, answer.Names.Select(n => n with { Found = null, UnsureScore = null, LeastScore = null, Nearest = explained[0].Nearest }));
        Assert.Equal([answer.Masks.Count(m => m.Whole?.Label == "couch"), answer.Masks.Count(m => m.Prompt == 0 && m.Whole?.Label == "sky")],
            answer.Names.Select(n => n.Found!.Value));
        Assert.Equal("couch -> sofa", answer.Names[0].Notice);
        Assert.Null(answer.Names[1].Notice);
        Assert.Empty(Session.Answer([Prompt.At(60, 40)]).Names);
    }

    [Fact]
    public void Answer_ThingsTooUnsure_AreToldWithTheirScore()
    {
        double surest = Session.Segment(Prompt.Named("car")).Max(m => m.Whole!.Value.Score);
        using var folder = new TempFolder();
        using var model = TinyNano.Model(folder, TinyNano.Lenient with { InstanceThreshold = surest * 1.001 });
        using var session = model.Open(TinyNano.Image());
        var answer = session.Answer([Prompt.Named("car")]);
        Assert.Empty(answer.Masks);
        var report = Assert.Single(answer.Names);
        Assert.Equal((true, 0), (report.IsPresent, report.Found));
        Assert.Equal(surest, report.UnsureScore!.Value, 1e-3);
        Assert.StartsWith("'car' is not shown: something like it was found with score 0.", report.Notice);
        Assert.Null(Session.Answer([Prompt.Named("car")]).Names[0].Notice);
        using var blind = TinyNano.Model(folder, TinyNano.Lenient with { NameMapThreshold = 100 });
        using var other = blind.Open(TinyNano.Image());
        Assert.Contains("'car' is perhaps in this image (presence ", other.Answer([Prompt.Named("car")]).Names[0].Notice);
    }

    /// <summary>The model's own thresholds are one a kind of name; what a caller says holds for all.</summary>
    [Fact]
    public void ExplainNames_PartsAndStuff_HaveThresholdsOfPresenceOfTheirOwn()
    {
        string[] names = ["car", "wheel", "sky"];
        using var folder = new TempFolder();
        var strict = TinyNano.Lenient with { PresenceThreshold = 1 };
        Assert.Equal([false, false, false], Present(strict));
        Assert.Equal([false, true, false], Present(strict with { PartPresenceThreshold = 0 }));
        Assert.Equal([false, false, true], Present(strict with { StuffPresenceThreshold = 0 }));
        Assert.Equal([true, false, false], Present(TinyNano.Lenient with { PartPresenceThreshold = 1, StuffPresenceThreshold = 1 }));
        Assert.Equal([true, true, true], Present(strict, 0));

        bool?[] Present(InferenceSettings settings, double? threshold = null)
        {
            using var model = TinyNano.Model(folder, settings);
            using var session = model.Open(TinyNano.Image());
            var options = new SegmentOptions { PresenceThreshold = threshold };
            var answered = session.Answer([Prompt.Named(names)], options).Names.Select(n => n.IsPresent).ToArray();
            Assert.Equal(session.ExplainNames(names, threshold).Select(n => n.IsPresent), answered);
            Assert.Equal(session.Segment(Prompt.Named(names), options).Select(r => r.AskedName).Distinct(), names.Where((_, i) => answered[i] == true));
            return answered;
        }
    }

    [Fact]
    public void Segment_Stuff_HasAThresholdOfItsOwn()
    {
        double sky = Session.Segment(Prompt.Named("sky")).Single().Whole!.Value.Score;
        int cars = Session.Segment(Prompt.Named("car")).Count;
        using var folder = new TempFolder();
        using var model = TinyNano.Model(folder, TinyNano.Lenient with { StuffThreshold = sky * 1.001 });
        using var session = model.Open(TinyNano.Image());
        var report = Assert.Single(session.Answer([Prompt.Named("sky")]).Names);
        Assert.Equal((0, sky * 1.001), (report.Found, report.LeastScore));
        Assert.Equal(cars, session.Segment(Prompt.Named("car")).Count);
        using var lenient = TinyNano.Model(folder, TinyNano.Lenient with { StuffThreshold = sky * 0.999, InstanceThreshold = 1 });
        using var other = lenient.Open(TinyNano.Image());
        Assert.Single(other.Segment(Prompt.Named("sky")));
        Assert.Empty(other.Segment(Prompt.Named("car")));
        var refused = Assert.Throws<CheckpointException>(() => PackageIdentity.Require(TinyNano.Lenient with { StuffThreshold = 1.5 }, "inference.json"));
        Assert.Contains("stuff_threshold is 1.5; 0 to 1 are allowed", refused.Message);
    }

    [Theory]
    [InlineData(0.0712, "0.07", "0.1")]
    [InlineData(0.0996, "0.0996", "0.1")] // 0.10 would not be below
    public void Notice_Score_HasTheDigitsThatShowItIsBelow(double score, string shown, string least)
    {
        var report = new NameReport
        {
            Text = "dahlia", Match = NameMatch.Kind, Name = "flower", Presence = 0.4, IsPresent = true, Found = 0, UnsureScore = score, LeastScore = 0.1,
        };
        Assert.Equal($"dahlia -> flower (the wider name): not shown: something like it was found with score {shown}, below {least}", report.Notice);
        Assert.Null((report with { Found = 1, Match = NameMatch.Name }).Notice);
    }

    [Fact]
    public void Segment_Things_LieApartAndStuffIsOne()
    {
        var things = Session.Segment(Prompt.Named("car"));
        for (int i = 0; i < things.Count; i++)
            for (int k = 0; k < i; k++) Assert.True(things[i].Mask.IoU(things[k].Mask) < 0.1, $"{k} and {i}");
        Assert.Single(Session.Segment(Prompt.Named("sky")));
    }

    [Fact]
    public void Load_OwnVocabulary_ExtendsOrReplaces()
    {
        string file = Folder.Write("own.json", """{"wholes": [{"name": "sofa", "synonyms": ["chesterfield"]}, {"name": "lamp"}]}"""u8.ToArray());
        using (var model = TinyNano.Model(Folder, vocabulary: new(file)))
        using (var session = model.Open(TinyNano.Image()))
        {
            Assert.Equal(["sofa", "car", "sky", "lamp", "wheel", "leg"], model.Vocabulary.Select(n => n.Name));
            Assert.Equal("sofa", session.ExplainNames(["chesterfield"])[0].Name);
            Assert.Equal("sofa", session.ExplainNames(["couch"])[0].Name);
            Assert.NotEmpty(session.Segment(Prompt.Named("lamp"))); // encoded when it is asked
        }
        using (var model = TinyNano.Model(Folder, vocabulary: new(file, VocabularyUse.Replace)))
            Assert.Equal(["sofa", "lamp"], model.Vocabulary.Select(n => n.Name));
        Folder.Write("bad.json", """{"wholes": [{"name": "sofa"}, {"name": "sofa"}]}"""u8.ToArray());
        Assert.Contains("'sofa' twice", Assert.ThrowsAny<Exception>(() => TinyNano.Model(Folder, vocabulary: new(Folder.File("bad.json")))).Message);
    }

    [Fact]
    public void PartsOf_Name_AreThoseOfEachOfItsThings()
    {
        var things = Session.Segment(Prompt.Named("car"));
        var answer = Session.PartsOf(Prompt.Named("car"));
        Assert.NotEmpty(things);
        Assert.All(things, t => Assert.Contains(answer, m => m.Mask.Equals(t.Mask)));
        Assert.All(answer.Where(m => m.Part?.Label == "wheel" && m.Whole?.Label == "car"), m => Assert.True(m.Area < things.Max(t => t.Area)));
        var wheels = Session.Segment(Prompt.Named("wheel"));
        var wholes = Session.WholeOf(Prompt.Named("wheel"));
        Assert.True(wholes.Count >= wheels.Count);
        Assert.All(wholes.Where(w => w.Part is null), w => Assert.Equal("car", w.Whole!.Value.Label));
    }

    [Fact]
    public async Task CollectEverything_Grid_GivesDistinctMasksInTheTreeWithLabels()
    {
        var masks = await Session.CollectEverything(new EverythingOptions { PointsPerSide = 4 });
        Assert.NotEmpty(masks);
        Assert.Equal(masks.OrderByDescending(m => m.Area).Select(m => m.Area), masks.Select(m => m.Area));
        for (int i = 0; i < masks.Count; i++)
            for (int k = 0; k < i; k++) Assert.True(masks[i].Mask.IoU(masks[k].Mask) <= 0.7);
        Assert.Contains(masks, m => m.Whole is not null || m.Part is not null); // every label passes a threshold of 0
        var silent = await Session.CollectEverything(new EverythingOptions { PointsPerSide = 4, LabelThreshold = 1 });
        Assert.All(silent, m => Assert.True(m.Whole is null && m.Part is null));
        var level = await Session.CollectEverything(new EverythingOptions { PointsPerSide = 4, Levels = [GranularityLevel.Part] });
        Assert.All(level, m => Assert.Equal(GranularityLevel.Part, m.Level));
    }
}
