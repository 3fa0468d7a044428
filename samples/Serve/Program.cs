// The server with its page in a program of your own, until Enter is pressed.  dotnet run --project samples/Serve
using SemanticSam.Engine;
using SemanticSam.Server;

await using var server = await SegmentationServer.StartAsync(() => SegmentationModel.Default(), new ServerOptions { Port = 8420 });
Console.WriteLine(server.Addresses[0]);
Console.ReadLine();
