// Scripts are deferred: the page is there.

startTheme();
startForms();
startTime();
startRows();
startUploads();
startCut();
startTV();
startArea();
watchLive();
