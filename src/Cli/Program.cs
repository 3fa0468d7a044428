Console.Error.WriteLine("semsam: no verb yet");
return 2;
