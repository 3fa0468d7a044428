using System.CommandLine;
using System.Text.Json;
using SemanticSam.Cli.Output;
using SemanticSam.Engine.Zoo;
using SemanticSam.Foundation;
using Spectre.Console;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam models</c>: what is embedded, known and on this disk, and where files are looked for.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("models", "List models: embedded, known, on this disk, and where to put files.")
        {
            json, ModelsCheckCommand.Create(), ModelsPullCommand.Create(), ModelsPackCommand.Create(),
        };
        command.Does((result, _) =>
        {
            var store = new ModelStore(ModelFolders.FromEnvironment());
            if (result.GetValue(json)) PrintJson(store, result.InvocationConfiguration.Output);
            else Print(store, Printing.Console(result.InvocationConfiguration.Output));
            return Task.FromResult(ExitCodes.Ok);
        });
        return command;
    }

    private static void Print(ModelStore store, IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("model", "architecture", "can be asked", "license", "size", "on this disk");
        foreach (var model in ModelCatalog.Models)
        {
            string? path = store.Locate(model);
            string where = path is not null ? Printing.Cell(path) : model.Embedded ? "embedded" : model.Address is null ? "no"
                : "no: models pull " + model.Name;
            table.AddRow(model.Name + (model.Embedded ? " (default)" : ""), Printing.Cell(model.Architecture), Printing.Cell(Use(model)), model.License,
                Printing.Bytes(Size(model, path)), where);
        }
        console.Write(table);
        var others = store.Scan().Where(f => f.Known is null).ToList();
        if (others.Count > 0) console.WriteLine("Other models on this disk ('semsam models check FILE' tells what they are):");
        foreach (var file in others) console.WriteLine($"  {MessageText.Escaped(file.Path)}  {Printing.Bytes(file.Size)}");
        console.WriteLine("Files are looked for in, one after the other:");
        foreach (string folder in store.Folders.Search)
            console.WriteLine($"  {MessageText.Escaped(folder)}{(Directory.Exists(folder) ? "" : "  (does not exist yet)")}");
        console.WriteLine($"Downloads go to {store.Folders.Cache}. {ModelFolders.Variable} names other folders.");
    }

    private static string Use(KnownModel model) => CheckpointModel.HasSessions(model.Family) ? model.Use : "nothing yet: it is only recognized";

    private static long? Size(KnownModel model, string? path)
        => model.Embedded ? ModelPackage.Embedded().WeightsSize : path is null ? model.Size : new FileInfo(path).Length;

    private static void PrintJson(ModelStore store, TextWriter output)
    {
        var listing = new
        {
            Models = ModelCatalog.Models.Select(m => new
            {
                m.Name, Family = m.Family.ToString(), m.Architecture, m.Embedded, m.FileName, m.License,
                Use = CheckpointModel.HasSessions(m.Family) ? m.Use : null, Address = m.Address?.ToString(), Size = Size(m, store.Locate(m)), m.Sha256,
                Path = store.Locate(m), Place = m.Embedded ? null : store.PlaceFor(m),
            }),
            OtherFiles = store.Scan().Where(f => f.Known is null).Select(f => new { f.Path, f.Size }),
            Folders = store.Folders.Search,
            DownloadFolder = store.Folders.Cache,
        };
        Printing.Line(output, JsonSerializer.Serialize(listing, JsonSettings.Indented));
    }
}
